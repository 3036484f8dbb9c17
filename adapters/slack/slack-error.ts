import { MENDS, refusalOf } from './slack-failure.ts';

export type SlackErrorCode = 'SLACK_SETTINGS' | 'SLACK_REFUSED' | 'SLACK_UNREACHABLE' | 'SLACK_PORT';

/** The bot cannot be in Slack; `message` tells whoever runs it which page and which switch mend that. */
export class SlackError extends Error {
  readonly code: SlackErrorCode;

  constructor(code: SlackErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SlackError';
    this.code = code;
  }
}

/** Why Slack did not let the bot in. `what` names the setting that was at work. */
export function startError(error: unknown, what: string): SlackError {
  if (error instanceof SlackError) return error;
  const { code } = refusalOf(error);
  if (code === 'unreachable') {
    return new SlackError('SLACK_UNREACHABLE', MENDS.unreachable ?? '', { cause: error });
  }
  const mend = MENDS[code] ?? 'https://docs.slack.dev tells what the code means.';
  return new SlackError('SLACK_REFUSED', `Slack refused ${what} (${code}). ${mend}`, { cause: error });
}
