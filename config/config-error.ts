/** One setting (or the file `.env` itself) that cannot be used. */
export interface ConfigProblem {
  readonly name: string;
  /** What was found, ready to be shown: secrets are masked. */
  readonly got: string;
  readonly where: 'environment' | '.env';
  readonly wants: string;
}

/** The bot cannot start with these settings. Carries every problem at once, so that one look mends them all. */
export class ConfigError extends Error {
  readonly code = 'CONFIG_INVALID';
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(explain(problems));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

function explain(problems: readonly ConfigProblem[]): string {
  const count = problems.length === 1 ? 'One setting is' : `${problems.length} settings are`;
  const lines = problems.map(({ name, got, where, wants }) => {
    const source = where === 'environment' ? ' (in the environment)' : ' (in .env)';
    return `  ${name}${name === where ? '' : source}: got ${got}, wants ${wants}`;
  });
  return [
    `${count} wrong, so Parley did not start:`,
    ...lines,
    'Correct what is named here, or remove it to get the default. .env.example lists every setting.',
  ].join('\n');
}
