import type { EngineModel, EngineStats } from '../inference/engine/engine.ts';
import type { Upcoming } from '../inference/models.ts';
import { describeUpcoming } from './model-progress.ts';

/** What `/status` answers while the first model is still on its way. */
export function statusWhileLoading(upcoming: Upcoming | undefined): string {
  return upcoming?.stage === 'fetching' || upcoming?.stage === 'compiling'
    ? `The first answer waits for ${describeUpcoming(upcoming)}.`
    : 'The model is still being loaded; the first answer waits for it.';
}

/** What `/status` answers while the engine says nothing: it hangs, or is being started again. */
export const STATUS_WHILE_SILENT =
  'The model does not answer right now. If that goes on, it is started again by itself, and answers go on where they were.';

/**
 * What `/status` answers.
 *
 * @param upcoming a model that is to take over.
 */
export function status(stats: EngineStats, upcoming?: Upcoming): string {
  const rows: readonly (readonly [string, string])[] = [
    ['model', describeModel(stats.model)],
    ...(upcoming ? [['coming', describeUpcoming(upcoming)] as const] : []),
    [
      'speed',
      stats.tokensPerSecond > 0 ? `${round(stats.tokensPerSecond)} tokens a second` : 'not measured yet',
    ],
    [
      'memory',
      `${megabytes(stats.memoryBytes)}; running replies use ${megabytes(stats.kvBytes)} of at most ${megabytes(stats.kvLimitBytes)}`,
    ],
    [
      'reuse',
      `${Math.round(stats.reusedShare * 100)} % of all prompt tokens; ${megabytes(stats.prefixBytes)} kept for it`,
    ],
    ['queue', `${stats.running} running, ${stats.queued} waiting`],
    ['written', `${stats.generatedTokens} tokens`],
    ['restarts', String(stats.restarts)],
  ];
  return table(rows);
}

/** Names and values in two columns. */
export function table(rows: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
}

/** `starter (6.4 million parameters, q4), reads 512 tokens at once` */
export function describeModel(model: EngineModel): string {
  return `${model.name} (${count(model.parameters)} parameters, ${model.weights}), reads ${model.contextLength} tokens at once`;
}

function count(parameters: number): string {
  const millions = parameters / 1e6;
  return millions >= 1000 ? `${round(millions / 1000)} billion` : `${round(millions)} million`;
}

/** Of 2^20 bytes, as `KV_MB` counts them. */
function megabytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MB`;
}

function round(value: number): string {
  return value < 10 ? value.toFixed(1).replace(/\.0$/, '') : String(Math.round(value));
}
