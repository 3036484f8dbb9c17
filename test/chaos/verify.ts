import { Arena } from './arena.ts';
import { judge, type Verdict } from './audit.ts';
import type { Scenario, Size } from './scenario.ts';
import type { ChaosModel, Undisturbed } from './undisturbed.ts';

export interface VerifyOptions {
  readonly seed: number;
  readonly model: ChaosModel;
  readonly undisturbed: Undisturbed;
  readonly size: Size;
  /** With every look of the replies that break a promise. */
  readonly evidence?: boolean;
}

/** What came of one scenario. */
export interface Outcome {
  readonly scenario: Scenario;
  readonly deeds: Readonly<Record<string, number>>;
  readonly turns: number;
  readonly ends: Readonly<Record<Verdict['end'], number>>;
  readonly faults: Readonly<Record<Verdict['faults'][number]['kind'], number>>;
  /** What breaks a promise, in words. */
  readonly broken: readonly string[];
  readonly seconds: number;
}

/** Lets one scenario happen, and judges what people have seen of it. */
export async function verify(scenario: Scenario, options: VerifyOptions): Promise<Outcome> {
  const { seed, model, undisturbed, size, evidence = false } = options;
  const began = performance.now();
  const arena = await Arena.open({ seed, model });
  const broken: string[] = [];
  let deeds: Outcome['deeds'] = {};
  try {
    deeds = await scenario.run(arena, size);
    broken.push(...(await arena.leftovers()));
  } catch (error) {
    broken.push(error instanceof Error ? error.message : String(error));
    await arena.crowd.end();
  }
  const ends = { whole: 0, refused: 0, told: 0, lost: 0, open: 0 };
  const faults = { twice: 0, 'taken back': 0, 'other words': 0, ping: 0, 'left open': 0 };
  for (const asked of arena.crowd.asked) {
    const { question } = asked;
    const verdict = judge(asked, question.anyAnswer ? undefined : await undisturbed.answer(question));
    const where = `${asked.way}, “${question.text}”`;
    ends[verdict.end] += 1;
    if (verdict.end === 'lost' || verdict.end === 'open') broken.push(`${where}: ${verdict.end}`);
    if (verdict.end === 'refused' && scenario.refusals !== 'allowed')
      broken.push(`${where}: refused, with “${verdict.line}”`);
    for (const { kind, what } of verdict.faults) {
      faults[kind] += 1;
      broken.push(`${where}: ${kind}: ${what}`);
    }
    if (evidence && (verdict.faults.length > 0 || verdict.end === 'lost' || verdict.end === 'open'))
      broken.push(`${where}, as it was seen: ${JSON.stringify(asked.replies(), null, 1)}`);
  }
  await arena.close();
  const seconds = (performance.now() - began) / 1000;
  return { scenario, deeds, turns: arena.crowd.asked.length, ends, faults, broken, seconds };
}
