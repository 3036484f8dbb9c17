/**
 * Whether to write in colour. https://no-color.org: `NO_COLOR`, set and not empty, means no; https://force-color.org:
 * `FORCE_COLOR` means yes, and 0 or false no; else only a terminal gets colours that does not call itself dumb.
 */
export function wantsColors(env: Readonly<Record<string, string | undefined>>, isTerminal: boolean): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return !/^(?:0|false)$/iu.test(env.FORCE_COLOR);
  return isTerminal && env.TERM !== 'dumb';
}
