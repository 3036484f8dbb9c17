/** Status, code and message of the refusals that a bot can meet, as Discord words them. */
const refusals = {
  badRequest: [400, 0, '400: Bad Request'],
  unauthorized: [401, 0, '401: Unauthorized'],
  notFound: [404, 0, '404: Not Found'],
  methodNotAllowed: [405, 0, '405: Method Not Allowed'],
  unknownChannel: [404, 10003, 'Unknown Channel'],
  unknownGuild: [404, 10004, 'Unknown Guild'],
  unknownMember: [404, 10007, 'Unknown Member'],
  unknownMessage: [404, 10008, 'Unknown Message'],
  unknownUser: [404, 10013, 'Unknown User'],
  unknownWebhook: [404, 10015, 'Unknown Webhook'],
  unknownInteraction: [404, 10062, 'Unknown interaction'],
  unknownCommand: [404, 10063, 'Unknown application command'],
  alreadyAcknowledged: [400, 40060, 'Interaction has already been acknowledged.'],
  missingAccess: [403, 50001, 'Missing Access'],
  cannotActOnDm: [403, 50003, 'Cannot execute action on a DM channel'],
  notTheAuthor: [403, 50005, 'Cannot edit a message authored by another user'],
  emptyMessage: [400, 50006, 'Cannot send an empty message'],
  closedDms: [403, 50007, 'Cannot send messages to this user'],
  missingPermissions: [403, 50013, 'Missing Permissions'],
  invalidWebhookToken: [401, 50027, 'Invalid Webhook Token'],
  invalidForm: [400, 50035, 'Invalid Form Body'],
  archivedThread: [400, 50083, 'Thread is archived'],
  noHistoryToReplyTo: [400, 160002, 'Cannot reply without permission to read message history'],
  threadExists: [400, 160004, 'A thread has already been created for this message'],
  lockedThread: [403, 160005, 'Thread is locked'],
} as const;

export type Refusal = keyof typeof refusals;

/** One problem of a form field. */
export interface FieldProblem {
  /** `['embeds', 0, 'title']` */
  readonly path: readonly PropertyKey[];
  /** `BASE_TYPE_MAX_LENGTH` */
  readonly code: string;
  readonly message: string;
}

/** A request that the server refuses; the answer carries Discord's error JSON. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: number;
  readonly problems: readonly FieldProblem[];

  constructor(refusal: Refusal, problems: readonly FieldProblem[] = []) {
    const [status, code, message] = refusals[refusal];
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.problems = problems;
  }

  toJSON(): object {
    const { message, code, problems } = this;
    return problems.length === 0 ? { message, code } : { message, code, errors: asTree(problems) };
  }
}

interface Tree {
  [key: string]: Tree | object[];
}

/** Discord nests problems by field: `{ content: { _errors: [{ code, message }] } }`. */
function asTree(problems: readonly FieldProblem[]): Tree {
  const root: Tree = {};
  for (const { path, code, message } of problems) {
    let node = root;
    for (const key of path) {
      const child = node[String(key)];
      const next: Tree = child === undefined || Array.isArray(child) ? {} : child;
      node[String(key)] = next;
      node = next;
    }
    const known = node._errors;
    node._errors = [...(Array.isArray(known) ? known : []), { code, message }];
  }
  return root;
}
