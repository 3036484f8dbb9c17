import type { Config } from '../../config/config.ts';
import type { Logger } from '../../config/logger.ts';
import type { Engine } from '../../inference/engine/engine.ts';
import type { HubAccess } from '../../inference/model/hub-model.ts';
import { Models } from '../../inference/models.ts';
import { logEngineEvent } from '../engine-news.ts';
import type { TellNews } from '../model-news.ts';

export interface ModelsUse {
  readonly fetchesByItself: boolean;
  readonly onModelEvent: TellNews;
  readonly onEngineLost?: () => void;
}

export function openModels(config: Config, logger: Logger, { onEngineLost, ...use }: ModelsUse): Models {
  return new Models({
    hub: hubOf(config),
    weights: config.engineWeights,
    threads: config.engineThreads,
    limits: {
      maxRows: config.engineBatch,
      maxQueue: config.maxQueue,
      kvBytes: config.kvMb * 2 ** 20,
      prefixBytes: config.prefixMb * 2 ** 20,
    },
    supervision: {
      hangMs: config.engineHangSeconds * 1000,
      memoryBytes: config.engineMemoryMb * 2 ** 20,
    },
    onEvent: (event) => {
      logEngineEvent(logger, event);
      if (event.type === 'lost') onEngineLost?.();
    },
    ...use,
  });
}

export function hubOf({ modelHost, hfToken, modelCache, offline }: Config): HubAccess {
  return { host: modelHost, token: hfToken, cacheDir: modelCache, offline };
}

/** Settles only when the engine cannot start. */
export function failure(engine: Promise<Engine>): Promise<Error> {
  return new Promise((resolve) => {
    engine.catch(resolve);
  });
}
