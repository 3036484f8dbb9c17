import type { Mentions } from './records.ts';

/** Discord's `allowed_mentions`; absent means that everything in the text counts. */
export interface AllowedMentions {
  readonly parse?: readonly ('users' | 'roles' | 'everyone')[] | undefined;
  readonly users?: readonly string[] | undefined;
  readonly roles?: readonly string[] | undefined;
  readonly replied_user?: boolean | undefined;
}

export const noMentions: Mentions = { users: [], roles: [], everyone: false };

/** Whom the text names, in order of appearance. Code blocks and inline code never mention anybody. */
export function namedIn(text: string): Mentions {
  const prose = text.replace(/```[\s\S]*?```|`[^`\n]+`/g, ' ');
  return {
    users: unique([...prose.matchAll(/<@!?(\d{17,19})>/g)].map((match) => match[1])),
    roles: unique([...prose.matchAll(/<@&(\d{17,19})>/g)].map((match) => match[1])),
    everyone: /@(?:everyone|here)(?!\w)/.test(prose),
  };
}

/** What remains of `named` under `allowed` (Discord's documentation, "Allowed Mentions Object"). */
export function allow(named: Mentions, allowed: AllowedMentions | undefined): Mentions {
  if (!allowed) return named;
  const parse = allowed.parse ?? [];
  return {
    users: parse.includes('users') ? named.users : named.users.filter((id) => allowed.users?.includes(id)),
    roles: parse.includes('roles') ? named.roles : named.roles.filter((id) => allowed.roles?.includes(id)),
    everyone: parse.includes('everyone') && named.everyone,
  };
}

/** Without `allowed_mentions` a reply pings its author; with it, only when it says so. */
export function pingsRepliedUser(allowed: AllowedMentions | undefined): boolean {
  return allowed ? allowed.replied_user === true : true;
}

function unique(ids: readonly (string | undefined)[]): string[] {
  return [...new Set(ids.filter((id) => id !== undefined))];
}
