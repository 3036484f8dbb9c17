import { webcrypto } from 'node:crypto';

// Loaded before the program (`--import`), which is left as it is otherwise: the clock can be moved, and every seed that is
// drawn is the same, so that an answer's words are known beforehand.

const seed = Number(process.env.CHAOS_SEED);
const { getRandomValues } = webcrypto;
webcrypto.getRandomValues = (values) =>
  // A seed is the only single word that the program draws.
  values instanceof Uint32Array && values.length === 1
    ? values.fill(seed)
    : getRandomValues.call(webcrypto, values);

const RealDate = Date;
let ahead = Number(process.env.CHAOS_AHEAD_MS ?? 0);
globalThis.Date = class extends RealDate {
  constructor(...parts) {
    if (parts.length === 0) super(RealDate.now() + ahead);
    else super(...parts);
  }

  static now() {
    return RealDate.now() + ahead;
  }
};

process.on('message', (message) => {
  if (typeof message === 'number') ahead = message;
});
// Listening must not keep the program alive.
process.channel?.unref();
