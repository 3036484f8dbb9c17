import type { Author, Origin } from './request.ts';

/** Ids of a platform. What is denied is denied whatever is allowed; an empty `allow` means everything. */
export interface AllowAndDeny {
  readonly allow: readonly string[];
  readonly deny: readonly string[];
}

/** Who may use the bot, and where; for one platform. */
export interface AccessRules {
  readonly workspaces: AllowAndDeny;
  /** Also of the categories and channels that others lie in. */
  readonly channels: AllowAndDeny;
  /** People are allowed by their role or by name: one of the two is enough. */
  readonly roles: AllowAndDeny;
  readonly users: AllowAndDeny;
  readonly directMessages: boolean;
}

export type DenialCode = 'DIRECT_MESSAGES_OFF' | 'PLACE_NOT_ALLOWED' | 'PERSON_NOT_ALLOWED';

export interface Denial {
  readonly code: DenialCode;
  /** For the person who asked. */
  readonly message: string;
}

const DENIALS = {
  direct: {
    code: 'DIRECT_MESSAGES_OFF',
    message: 'I do not answer direct messages. Mention me in a channel instead.',
  },
  workspace: {
    code: 'PLACE_NOT_ALLOWED',
    message: 'I do not answer here. Whoever runs me decides where I do.',
  },
  channel: {
    code: 'PLACE_NOT_ALLOWED',
    message: 'I do not answer in this channel. Try another one; whoever runs me decides where I answer.',
  },
  person: {
    code: 'PERSON_NOT_ALLOWED',
    message: 'You are not among those whom I may answer here. Whoever runs me decides that.',
  },
} as const satisfies Readonly<Record<string, Denial>>;

/** Why somebody may not use the bot somewhere; undefined: they may. Pure. */
export function denial(author: Author, origin: Origin, rules: AccessRules): Denial | undefined {
  if (origin.direct) {
    if (!rules.directMessages) return DENIALS.direct;
  } else {
    if (!passes(rules.workspaces, origin.workspace === undefined ? [] : [origin.workspace]))
      return DENIALS.workspace;
    if (!passes(rules.channels, origin.channels)) return DENIALS.channel;
  }
  return mayAsk(author, origin, rules) ? undefined : DENIALS.person;
}

function mayAsk(author: Author, { roles }: Origin, rules: AccessRules): boolean {
  if (names(rules.users.deny, [author.id]) || names(rules.roles.deny, roles)) return false;
  if (rules.users.allow.length + rules.roles.allow.length === 0) return true;
  return names(rules.users.allow, [author.id]) || names(rules.roles.allow, roles);
}

function passes({ allow, deny }: AllowAndDeny, ids: readonly string[]): boolean {
  return !names(deny, ids) && (allow.length === 0 || names(allow, ids));
}

function names(list: readonly string[], ids: readonly string[]): boolean {
  return ids.some((id) => list.includes(id));
}
