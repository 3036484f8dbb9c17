import type { Checkpoint } from './checkpoint.ts';

/** How much of the difference between inputs is taken away: on the starter a quarter to a half do about as well. */
const EXPONENT = 0.3;
/** No input is made larger or smaller by more: one that hardly occurs says little about how its weights should be rounded. */
const MOST = 8;

/**
 * The same model in other numbers, which lose less where the MLP's first matrix is rounded to few levels: inputs that are large
 * are made smaller, and the weights that they are multiplied with larger, so that those that count most are rounded
 * least (the idea of AWQ, Lin et al. 2023, section 3.2). It costs nothing when the model runs, because the norm in front has
 * weights of its own to take the factors; and no text is needed, because these weights tell how large its outputs are.
 */
export function equalized(checkpoint: Checkpoint): Checkpoint {
  const { innerWidth } = checkpoint.shape;
  const factorsOf = async (norm: string): Promise<Float64Array> => {
    const gains = await checkpoint.weight(`${norm}.weight`);
    const shifts = await checkpoint.weight(`${norm}.bias`);
    return balanced(Float64Array.from(gains, (gain, i) => Math.hypot(gain, shifts[i] as number)));
  };
  return {
    ...checkpoint,
    weight: async (name) => {
      const values = await checkpoint.weight(name);
      const [, layer, part] = /^(h\.\d+)\.(ln_2|mlp\.c_fc\.weight)/.exec(name) ?? [];
      if (layer === undefined) return values;
      const factors = await factorsOf(`${layer}.ln_2`);
      if (part === 'ln_2') return values.map((value, i) => value / (factors[i] as number));
      return values.map((value, i) => value * (factors[Math.floor(i / innerWidth)] as number));
    },
  };
}

/** By what inputs of these sizes are divided: one of a size in the middle (geometrically) by one. */
function balanced(sizes: Float64Array): Float64Array {
  const heard = sizes.filter((size) => size > 0);
  const middle = heard.reduce((sum, size) => sum + Math.log(size) / heard.length, 0);
  // Inputs that are silent say nothing, whatever their weights are: small ones do not spoil the scale of a block.
  return sizes.map((size) =>
    Math.min(MOST, Math.max(1 / MOST, Math.exp((Math.log(size) - middle) * EXPONENT))),
  );
}
