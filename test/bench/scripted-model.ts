import type { TokenId } from '../../inference/engine/engine.ts';
import { LocalEngine } from '../../inference/engine/local-engine.ts';
import type { SchedulerLimits } from '../../inference/engine/scheduler.ts';
import { loadTokenizer, type Tokenizer } from '../../inference/engine/tokenizer.ts';
import type { Weights } from '../../inference/graph/weights.ts';
import { compiledModel } from '../../inference/model/compiled.ts';
import { openGraph } from '../../inference/model/open-graph.ts';
import { scripted } from '../fixtures/scripted-runner.ts';
import type { BenchFolder } from './bench-folder.ts';

/** Random weights of GPT-2's sizes that write a given text. */
export interface ScriptedModel {
  readonly tokenizer: Tokenizer;
  /** What the next replies say, all of them behind prompts of that many tokens. */
  say(promptTokens: number, reply: readonly TokenId[]): void;
  engine(limits: SchedulerLimits): LocalEngine;
  /** Runs of the model so far. */
  readonly runs: number;
  close(): Promise<void>;
}

export async function openScriptedModel(folder: BenchFolder, weights: Weights): Promise<ScriptedModel> {
  const compiled = await compiledModel(await folder.checkpoint(), weights, folder.cache);
  const { runner, manifest, dispose } = await openGraph(compiled, 0);
  const { shape, parameters } = manifest;
  const tokenizer = await loadTokenizer(compiled, shape.endOfText);
  let script: { readonly promptTokens: number; readonly reply: readonly TokenId[] } | undefined;
  runner.run = scripted(runner, (place) => script?.reply[place - script.promptTokens]);
  const model = {
    name: 'scripted',
    parameters,
    weights,
    contextLength: shape.positions,
    vocabularySize: shape.vocabulary,
  };
  return {
    tokenizer,
    say: (promptTokens, reply) => {
      script = { promptTokens, reply };
    },
    engine: (limits) =>
      new LocalEngine({
        model,
        runner,
        tokenizer,
        limits,
        now: () => performance.now(),
        dispose: async () => undefined,
      }),
    get runs() {
      return runner.runs;
    },
    close: dispose,
  };
}
