/**
 * Slack's own commands: a manifest that names one of them is refused as a whole. (Slack publishes no list; these are the
 * ones in its help pages.)
 */
const RESERVED = new Set(
  'active apps archive away call collapse dm dnd expand feed feedback huddle invite invite_people join keys kick leave me msg mute open people prefs pro remind remove rename search shortcuts shrug star status topic who'.split(
    ' ',
  ),
);

/** Stands before the names that Slack keeps for itself, where the settings put nothing there. */
const OWN_PREFIX = 'parley-';

/** What a command is called in Slack, with its slash. */
export function slackName(name: string, prefix: string): string {
  return `/${prefix === '' && RESERVED.has(name) ? OWN_PREFIX : prefix}${name}`;
}

/** The command behind what was typed. */
export function plainName(typed: string, prefix: string): string {
  const name = typed.replace(/^\//u, '');
  for (const before of [prefix, OWN_PREFIX]) {
    if (before !== '' && name.startsWith(before)) return name.slice(before.length);
  }
  return name;
}
