import type { Kind, Surroundings } from './kinds.ts';

/** The chapters of the settings in the docs, in their order. */
export const sections = {
  model: 'Model',
  engine: 'Engine',
  tasks: 'Tasks',
  people: 'People',
  data: 'Data',
  discord: 'Discord',
  slack: 'Slack',
  terminal: 'Terminal',
  monitoring: 'Monitoring',
  log: 'Log',
} as const;

export type Section = keyof typeof sections;

/** One setting, declared once: type, parsing, `.env.example` and the README all come from here. */
export interface Setting<Value = unknown, Default extends Value | undefined = Value | undefined> {
  readonly section: Section;
  readonly kind: Kind<Value>;
  /** `undefined` makes the setting optional. */
  readonly default: Default | ((surroundings: Surroundings) => Default);
  /** What the docs say instead of a default that differs between machines. */
  readonly defaultInWords?: string;
  readonly unit?: string;
  /** One sentence that tells a newcomer what the setting does. */
  readonly sentence: string;
  /** The value is shown nowhere: not in errors, not in logs. */
  readonly secret?: boolean;
}

/** Settings by the names that they have in the environment. */
export type SettingsTable = Readonly<Record<string, Setting>>;

/** Checks one row of the table: the default must be of the kind's type. */
export function setting<Value, const Default extends Value | undefined>(
  row: Setting<Value, Default>,
): Setting<Value, Default> {
  return row;
}

type CamelCase<Name extends string> = Name extends `${infer Head}_${infer Tail}`
  ? `${Lowercase<Head>}${Capitalize<CamelCase<Tail>>}`
  : Lowercase<Name>;

type ValueOf<Row> =
  Row extends Setting<infer Value, infer Default>
    ? undefined extends Default
      ? Value | undefined
      : Value
    : never;

/** The settings as code reads them: `KV_MB` is `kvMb`. */
export type ConfigOf<Table> = {
  readonly [Name in keyof Table as CamelCase<Name & string>]: ValueOf<Table[Name]>;
};

/** `KV_MB` → `kvMb` */
export function camelCase(name: string): string {
  return name.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
}
