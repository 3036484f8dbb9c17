import type { Outcome } from './verify.ts';

/** The outcomes of a run as a table, and below it what broke a promise. */
export function report(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map((outcome) => {
    const { scenario, turns, deeds, ends, faults, broken, seconds } = outcome;
    const done = Object.entries(deeds).map(([what, times]) => `${times} ${what}`);
    return [
      scenario.name,
      done.join(', '),
      turns,
      ends.whole,
      ends.refused,
      ends.told,
      ends.lost + ends.open,
      faults.twice,
      faults['left open'],
      faults['taken back'] + faults['other words'],
      faults.ping,
      `${seconds.toFixed(0)} s`,
      broken.length === 0 ? 'yes' : '**no**',
    ];
  });
  const head = [
    ...['what happened', 'how often', 'requests', 'answered whole', 'refused', 'told by the platform'],
    ...['lost', 'twice', 'left open', 'words changed', 'pings', 'time', 'kept'],
  ];
  const border = head.map((_, column) => (column > 1 && column < head.length - 1 ? '---:' : '---'));
  const table = [head, border, ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
  return [table, ...outcomes.filter(({ broken }) => broken.length > 0).map(troubles)].join('\n\n');
}

/** The first of each scenario say enough. */
const SHOWN = 20;

function troubles({ scenario, broken }: Outcome): string {
  const more = broken.length > SHOWN ? [`… and ${broken.length - SHOWN} more`] : [];
  return [
    `Broken in “${scenario.name}”:`,
    ...broken.slice(0, SHOWN).map((line) => `- ${line}`),
    ...more,
  ].join('\n');
}
