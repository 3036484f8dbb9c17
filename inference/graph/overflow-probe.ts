import type { OnnxGraph } from './onnx.ts';
import { MICROSOFT } from './onnx-format.ts';

/** Beside the model's own graph, for those who load it. */
export const PROBE_NAME = 'overflow-probe';
export const PROBE_INPUT = 'largest';
export const PROBE_OUTPUT = 'sum';

/** Several of a processor's registers. */
export const PROBE_LENGTH = 256;
const PROBE_COLUMNS = 32;

const LARGEST_ACTIVATION = 255;
const LARGEST_WEIGHT = 127;
/** A whole number that single precision holds exactly. */
export const PROBE_SUM = PROBE_LENGTH * LARGEST_ACTIVATION * LARGEST_WEIGHT;

/**
 * The largest product of 8-bit integers that q8 could ask for. A processor without instructions for such sums (VNNI) adds two
 * products at 16 bits, which they exceed.
 */
export async function drawOverflowProbe(graph: OnnxGraph): Promise<void> {
  const activations = graph.input(PROBE_INPUT, 'uint8', ['rows', PROBE_LENGTH]);
  const levels = new Int8Array(PROBE_LENGTH * PROBE_COLUMNS).fill(LARGEST_WEIGHT);
  const weights = await graph.weight('weights', levels, [PROBE_LENGTH, PROBE_COLUMNS]);
  const one = graph.scalar(1, 'float');
  const zero = graph.scalar(0, 'uint8');
  const factors = [activations, weights, one, one, zero];
  graph.nodeAs(PROBE_OUTPUT, 'MatMulIntegerToFloat', factors, { domain: MICROSOFT });
  graph.output(PROBE_OUTPUT, 'float', ['rows', PROBE_COLUMNS]);
}

/** What goes in: uint8 [1, `PROBE_LENGTH`]. */
export function probeActivations(): Uint8Array {
  return new Uint8Array(PROBE_LENGTH).fill(LARGEST_ACTIVATION);
}
