import type { EngineStats } from '../inference/engine/engine.ts';

/** What is shown beside the bot's name where a platform has a place for it: `GPT-2 · 2 in the queue`. */
export function loadLine({ model, running, queued }: EngineStats): string {
  const load = queued > 0 ? `${queued} in the queue` : running > 0 ? `answering ${running}` : 'ready';
  return `${shortName(model.name)} · ${load}`;
}

/** The same before there is a model. */
export const LOAD_LINE_BEFORE = 'loading the model';

/** `openai-community/gpt2-medium` is GPT-2 medium to people. */
function shortName(name: string): string {
  const last = name.split(/[/\\]/u).at(-1) ?? name;
  const size = /^gpt2(?:-(\w+))?$/iu.exec(last);
  return size ? ['GPT-2', ...(size[1] ? [size[1]] : [])].join(' ') : last;
}
