export type DiscordErrorCode = 'DISCORD_TOKEN_INVALID' | 'DISCORD_UNREACHABLE' | 'DISCORD_REFUSED';

/** The bot cannot be in Discord; `message` tells whoever runs it which page and which switch mend that. */
export class DiscordError extends Error {
  readonly code: DiscordErrorCode;

  constructor(code: DiscordErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DiscordError';
    this.code = code;
  }
}
