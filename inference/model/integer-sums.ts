import {
  PROBE_INPUT,
  PROBE_LENGTH,
  PROBE_NAME,
  PROBE_OUTPUT,
  PROBE_SUM,
  probeActivations,
} from '../graph/overflow-probe.ts';
import { openSession, unusable } from './runtime-session.ts';

/**
 * Whether this processor's fastest products of 8-bit integers come out wrong where they are large: it is asked to compute one,
 * because what it is called tells this only to those who know them all.
 *
 * @param exactSums Asks of the runtime's slower way instead.
 * @throws InferenceError `ENGINE_FAILED` when the folder holds no probe, or not the compiler's.
 */
export async function integerSumsOverflow(folder: string, exactSums = false): Promise<boolean> {
  const session = await openSession(folder, PROBE_NAME, { threads: 1, exactSums });
  try {
    const activations = session.tensor('uint8', probeActivations(), [1, PROBE_LENGTH]);
    const outputs = await session.run({ [PROBE_INPUT]: activations }).catch((cause: Error) => {
      throw unusable(folder, cause.message);
    });
    const sums = outputs[PROBE_OUTPUT]?.data as Float32Array;
    return sums.some((sum) => sum !== PROBE_SUM);
  } finally {
    await session.dispose();
  }
}
