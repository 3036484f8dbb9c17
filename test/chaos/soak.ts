import { Arena } from './arena.ts';
import { judge } from './audit.ts';

/** Somebody asks every three seconds, for an hour. */
const TURNS = 1_200;
const HOUR_MS = 3_600_000;
/** Until then memory grows: code is compiled, caches and pools fill. */
const WARM_UP = 400;
const EVERY = 50;

/** What memory may do behind the warm-up before it is called growing, in MB for 1,000 turns: what garbage makes of it. */
const FLAT_MB = 15;

export interface SoakOptions {
  readonly seed: number;
  readonly cache: string;
  readonly log: (line: string) => void;
}

interface Sample {
  readonly turns: number;
  readonly bot: number;
  readonly engine: number;
}

/**
 * An hour of traffic on both platforms as fast as it is answered, with all clocks pushed ahead so that an hour passes for
 * whatever keeps time.
 *
 * @returns the exit status: 1 when memory grows, or an answer is missing.
 */
export async function soak({ seed, cache, log }: SoakOptions): Promise<number> {
  const arena = await Arena.open({ seed, model: { model: 'starter', cache } });
  const samples: Sample[] = [];
  const began = performance.now();
  try {
    const bot = await arena.startBot();
    for (let turns = EVERY; turns <= TURNS; turns += EVERY) {
      await arena.asks(EVERY);
      const step = (HOUR_MS * EVERY) / TURNS;
      arena.discord.clock.advance(step);
      arena.slack.clock.advance(step);
      bot.setAhead((HOUR_MS * turns) / TURNS);
      const sample = { turns, ...(await bot.memory()) };
      samples.push(sample);
      log(
        `${turns} turns: the bot has ${sample.bot.toFixed(0)} MB, the engine ${sample.engine.toFixed(0)} MB`,
      );
    }
    const missing = arena.crowd.asked.flatMap((asked) => {
      const { end, line } = judge(asked);
      return end === 'whole' ? [] : [`- ${asked.way}, “${asked.question.text}”: ${end} ${line ?? ''}`];
    });
    const seconds = ((performance.now() - began) / 1000).toFixed(0);
    const bots = slope(samples, ({ bot: mb }) => mb);
    const engines = slope(samples, ({ engine }) => engine);
    console.log(
      [
        `Soak: ${arena.crowd.asked.length} requests, an hour by the clocks, in ${seconds} s; ${missing.length} not answered whole.`,
        ...missing,
        '',
        `| | after ${WARM_UP} turns | after ${TURNS} turns | slope for 1,000 turns behind the warm-up |`,
        '| --- | ---: | ---: | ---: |',
        row('the bot', samples, ({ bot: mb }) => mb, bots),
        row('the engine', samples, ({ engine }) => engine, engines),
      ].join('\n'),
    );
    return missing.length === 0 && bots < FLAT_MB && engines < FLAT_MB ? 0 : 1;
  } finally {
    await arena.close();
  }
}

type Read = (sample: Sample) => number;

function row(what: string, samples: readonly Sample[], read: Read, perThousand: number): string {
  const at = (turns: number) => samples.filter((sample) => sample.turns === turns).map(read)[0] ?? Number.NaN;
  return `| ${what} | ${at(WARM_UP).toFixed(0)} MB | ${at(TURNS).toFixed(0)} MB | ${perThousand.toFixed(1)} MB |`;
}

/** In MB for 1,000 turns, by least squares over what comes behind the warm-up. */
function slope(samples: readonly Sample[], read: Read): number {
  const warm = samples.filter(({ turns }) => turns >= WARM_UP);
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const meanTurns = mean(warm.map(({ turns }) => turns));
  const meanMb = mean(warm.map(read));
  const rise = warm.reduce((sum, sample) => sum + (sample.turns - meanTurns) * (read(sample) - meanMb), 0);
  const run = warm.reduce((sum, { turns }) => sum + (turns - meanTurns) ** 2, 0);
  return (rise / run) * 1_000;
}
