import type { Logger } from '../config/logger.ts';
import type { ServiceEvent } from '../inference/service.ts';

/** What the log says of the engine's process. */
export function logEngineEvent(logger: Logger, event: ServiceEvent): void {
  switch (event.type) {
    case 'lost':
      logger.warn(
        { cause: event.cause, againMs: event.again },
        "the model's process ended; it is started again",
      );
      return;
    case 'preparing':
      logger.warn({ seconds: event.since / 1000 }, PREPARING);
      return;
    case 'down':
      logger.error({ cause: event.cause }, DOWN);
      return;
    case 'given up':
      logger.error({ cause: event.cause }, "the model's process cannot be started again; start Parley anew");
      return;
    case 'full': {
      const figures = {
        megabytes: Math.round(event.bytes / 2 ** 20),
        most: Math.round(event.limit / 2 ** 20),
      };
      logger.warn(figures, event.replaced ? REPLACED : KEPT);
      return;
    }
    case 'restarted':
      logger.info({ process: event.process }, "the model's process is back");
  }
}

const PREPARING =
  'the model is still being compiled; this is a large model on a slow machine, or the compiler hangs: then start Parley anew';
const DOWN =
  "the model's process cannot be started for now, and whoever asks is told so; it is tried again and again";
const REPLACED =
  "the model's process takes more memory than ENGINE_MEMORY_MB allows; it is replaced as soon as its replies are whole";
const KEPT =
  'the model needs more memory than ENGINE_MEMORY_MB allows, from the start; it goes on so. Set ENGINE_MEMORY_MB higher, or MODEL or KV_MB to something smaller';
