import { describe, expect, test } from 'vitest';
import { newsForLog, newsForPerson } from '../../bot/model-news.ts';
import { createLogger } from '../../config/logger.ts';
import { HubError } from '../../inference/model/hub/hub-error.ts';
import type { ModelEvent } from '../../inference/models.ts';

const GPT2 = 'openai-community/gpt2';

function fetching(
  bytes: number,
  file = 'model.safetensors',
  meanwhile: string | null = 'starter',
): ModelEvent {
  const progress = { file, bytes, total: 100, bytesPerSecond: 0, secondsLeft: undefined, elsewhere: false };
  return { type: 'fetching', model: GPT2, meanwhile: meanwhile ?? undefined, progress };
}

const SWITCHED: ModelEvent = {
  type: 'switched',
  model: { name: GPT2, parameters: 124e6, weights: 'q8', contextLength: 1024, vocabularySize: 50_257 },
};
const KEPT: ModelEvent = {
  type: 'kept',
  model: GPT2,
  running: 'starter',
  error: new HubError('HUB_UNREACHABLE', 'hub.example cannot be reached.'),
};

/** What a person sees: lines that stay, and the line that changes, in brackets. */
function person({ inPlace = true } = {}) {
  const seen: string[] = [];
  let now = 0;
  const tell = newsForPerson(
    {
      say: (line) => seen.push(line),
      ...(inPlace && { status: (line?: (columns: number) => string) => seen.push(`[${line?.(40) ?? ''}]`) }),
    },
    () => now,
  );
  return { seen, tell, wait: (seconds: number) => (now += seconds * 1000) };
}

describe('a person at a terminal', () => {
  test('is told once what begins, then sees one line change, and hears when another model answers', () => {
    const { seen, tell, wait } = person();
    tell(fetching(0, 'config.json'));
    tell(fetching(100, 'tokenizer.json'));
    tell(fetching(0));
    wait(1);
    tell(fetching(50));
    tell({ type: 'compiling', model: GPT2 });
    tell(SWITCHED);
    expect(seen).toEqual([
      `${GPT2} is being fetched; until it is there, the small starter model answers.`,
      `[${GPT2} 0 %, 0 of 100 byte]`,
      `[${GPT2} 50 %, 50 of 100 by]`,
      '[openai-community/gpt2 is being prepared;]',
      '[]',
      `From now on ${GPT2} answers.`,
    ]);
  });

  test('sees the line change once a second at most', () => {
    const { seen, tell } = person();
    for (let bytes = 0; bytes < 100; bytes++) tell(fetching(bytes));
    expect(seen.filter((line) => line.startsWith('['))).toHaveLength(1);
  });

  test('sees plain lines now and then where no line can be written over', () => {
    const { seen, tell } = person({ inPlace: false });
    for (let bytes = 0; bytes <= 100; bytes++) tell(fetching(bytes));
    tell(SWITCHED);
    expect(seen).toHaveLength(1 + 11 + 1);
  });

  test('reads one line when the model cannot be had, and nothing is left above the prompt', () => {
    const { seen, tell } = person();
    tell(KEPT);
    expect(seen).toEqual([
      '[]',
      `${GPT2} is not to be had for now, so the small starter model goes on answering. hub.example cannot be reached.`,
    ]);
  });

  test('who waits for the first model hears when it is ready', () => {
    const { seen, tell } = person();
    tell(fetching(0, 'model.safetensors', null));
    tell({ ...SWITCHED, type: 'started' });
    expect(seen[0]).toBe(`${GPT2} is being fetched; the first answer waits for it.`);
    expect(seen.slice(-2)).toEqual(['[]', `${GPT2} is ready.`]);
  });

  test('is not told that the starter has been loaded: that is no news', () => {
    const { seen, tell } = person();
    tell({ ...SWITCHED, type: 'started' });
    expect(seen).toEqual(['[]']);
  });
});

describe('a log', () => {
  function log() {
    const lines: { level: string; msg: string; model?: string }[] = [];
    const logger = createLogger({
      level: 'info',
      secrets: [],
      format: 'json',
      write: (line) => lines.push(JSON.parse(line)),
    });
    return { lines, tell: newsForLog(logger, () => 0) };
  }

  test('gets a line for each tenth, and one for what came of it', () => {
    const { lines, tell } = log();
    for (let bytes = 0; bytes <= 100; bytes++) tell(fetching(bytes));
    tell(SWITCHED);
    expect(lines.map(({ msg }) => msg)).toEqual([
      ...Array.from({ length: 11 }, (_, tenth) => expect.stringContaining(`fetching: ${tenth * 10} %`)),
      'this model answers from now on',
    ]);
  });

  test('warns when the model cannot be had', () => {
    const { lines, tell } = log();
    tell(KEPT);
    expect(lines).toMatchObject([
      { level: 'warn', model: GPT2, code: 'HUB_UNREACHABLE', running: 'starter' },
    ]);
  });

  test('knows why it takes longer', () => {
    const { lines, tell } = log();
    tell({ type: 'retrying', model: GPT2, why: 'The connection was cut.', waitMs: 4000 });
    expect(lines[0]?.msg).toBe('trying again in 4 s: The connection was cut.');
  });
});
