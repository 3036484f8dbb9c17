import { InferenceError } from '../errors.ts';

/** GPT-2's sizes, as `config.json` gives them. */
export interface Gpt2Shape {
  readonly layers: number;
  readonly heads: number;
  /** Width of the residual stream (`n_embd`). */
  readonly width: number;
  /** Width of one attention head. */
  readonly headWidth: number;
  /** Width of the MLP's hidden layer (`n_inner`, four times the width when absent). */
  readonly innerWidth: number;
  /** Tokens that fit into one sequence (`n_positions`). */
  readonly positions: number;
  readonly vocabulary: number;
  readonly epsilon: number;
  readonly activation: Activation;
  readonly endOfText: number;
}

/** `tanh` is GPT-2's own approximation of GELU ("gelu_new"); `erf` the exact one. */
export type Activation = 'tanh' | 'erf' | 'relu';

const ACTIVATIONS: Readonly<Record<string, Activation>> = {
  gelu_new: 'tanh',
  gelu_fast: 'tanh',
  gelu_pytorch_tanh: 'tanh',
  gelu: 'erf',
  relu: 'relu',
};

/** Attention variants that some GPT-2 descendants switch on; the graph has none of them. */
const UNSUPPORTED_FLAGS = ['scale_attn_by_inverse_layer_idx', 'add_cross_attention'] as const;
/** What GPT-2 has switched on unless its config says otherwise; the graph always has them. */
const NEEDED_FLAGS = ['scale_attn_weights', 'tie_word_embeddings'] as const;

/**
 * Reads the sizes out of a `config.json`.
 *
 * @throws InferenceError `CHECKPOINT_UNSUPPORTED` when it is not GPT-2's architecture, `CHECKPOINT_INVALID` when a size
 * is missing or senseless; both name the field.
 */
export function readShape(config: unknown, source: string): Gpt2Shape {
  const fields = (typeof config === 'object' && config !== null ? config : {}) as Record<string, unknown>;
  if (fields.model_type !== 'gpt2') {
    throw new InferenceError(
      'CHECKPOINT_UNSUPPORTED',
      `${source} says model_type ${JSON.stringify(fields.model_type)}, and Parley runs "gpt2" only. Choose a GPT-2 checkpoint.`,
    );
  }
  const size = (name: string, fallback?: number): number => {
    const value = fields[name] ?? fallback;
    if (Number.isSafeInteger(value) && (value as number) > 0) return value as number;
    throw new InferenceError(
      'CHECKPOINT_INVALID',
      `${source} has no usable ${name} (${JSON.stringify(value)}). Fetch it again, or choose another checkpoint.`,
    );
  };
  const width = size('n_embd');
  const heads = size('n_head');
  if (width % heads !== 0) {
    throw new InferenceError(
      'CHECKPOINT_INVALID',
      `${source}: n_embd ${width} cannot be shared by n_head ${heads} heads. Fetch it again, or choose another checkpoint.`,
    );
  }
  const named = String(fields.activation_function ?? 'gelu_new');
  const activation = Object.hasOwn(ACTIVATIONS, named) ? ACTIVATIONS[named] : undefined;
  if (activation === undefined) {
    throw new InferenceError(
      'CHECKPOINT_UNSUPPORTED',
      `${source} wants the activation "${named}", which Parley does not know. Choose another GPT-2 checkpoint.`,
    );
  }
  for (const flag of UNSUPPORTED_FLAGS) {
    if (fields[flag] === true) {
      throw new InferenceError(
        'CHECKPOINT_UNSUPPORTED',
        `${source} switches on ${flag}, which Parley does not know. Choose another GPT-2 checkpoint.`,
      );
    }
  }
  for (const flag of NEEDED_FLAGS) {
    if (fields[flag] === false) {
      throw new InferenceError(
        'CHECKPOINT_UNSUPPORTED',
        `${source} switches off ${flag}, which Parley needs. Choose another GPT-2 checkpoint.`,
      );
    }
  }
  const vocabulary = size('vocab_size');
  const endOfText = fields.eos_token_id ?? vocabulary - 1;
  if (!Number.isSafeInteger(endOfText) || (endOfText as number) < 0 || (endOfText as number) >= vocabulary) {
    throw new InferenceError(
      'CHECKPOINT_INVALID',
      `${source}: eos_token_id ${JSON.stringify(endOfText)} is not in the vocabulary of ${vocabulary}. Fetch it again, or choose another checkpoint.`,
    );
  }
  return {
    layers: size('n_layer'),
    heads,
    width,
    headWidth: width / heads,
    innerWidth: size('n_inner', 4 * width),
    positions: size('n_positions', fields.n_ctx as number | undefined),
    vocabulary,
    epsilon: typeof fields.layer_norm_epsilon === 'number' ? fields.layer_norm_epsilon : 1e-5,
    activation,
    endOfText: endOfText as number,
  };
}

/** Parameters of the model, counted as the paper does: the embedding, which is also the output layer, once. */
export function parameterCount(shape: Gpt2Shape): number {
  const { layers, width, innerWidth, positions, vocabulary } = shape;
  const attention = 4 * width * width + 4 * width;
  const mlp = 2 * width * innerWidth + innerWidth + width;
  const norms = 4 * width;
  return (vocabulary + positions) * width + layers * (attention + mlp + norms) + 2 * width;
}
