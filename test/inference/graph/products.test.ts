import { describe, expect, it } from 'vitest';
import { formatFor, type Part, partOf } from '../../../inference/graph/products.ts';

const PARTS: readonly Part[] = ['attention', 'mlpUp', 'mlpDown', 'head'];

/** `8/256`: bits and size of blocks. */
const kept = (weights: 'q8' | 'q4', inputs: number) =>
  PARTS.map((part) => {
    const format = formatFor(weights, part, inputs);
    return format === 'columns' ? format : `${format.bits}/${format.size}`;
  });

describe('The parts of a model', () => {
  it('are kept at q8 with a scale a column where many rows are multiplied, at 4 bits where those lose least', () => {
    expect(kept('q8', 768)).toEqual(['columns', 'columns', '4/64', '8/256']);
  });

  it('are kept at q4 at 4 bits throughout the MLP', () => {
    expect(kept('q4', 768)).toEqual(['8/256', '4/128', '4/64', '8/256']);
  });

  it('have smaller blocks where inputs would leave much of large ones empty', () => {
    expect(kept('q8', 320)).toEqual(['columns', 'columns', '4/64', '8/128']);
    expect(kept('q4', 320)).toEqual(['8/128', '4/128', '4/64', '8/128']);
    expect(kept('q4', 1600)).toEqual(['8/128', '4/128', '4/64', '8/128']);
  });

  it('are told by the names of layers', () => {
    const layers = ['h.0.attn.c_attn', 'h.11.attn.c_proj', 'h.3.mlp.c_fc', 'h.3.mlp.c_proj'];
    expect(layers.map(partOf)).toEqual(['attention', 'attention', 'mlpUp', 'mlpDown']);
  });
});
