export type MonitorErrorCode = 'METRICS_PORT';

/** Nothing can listen where the settings say; `message` tells whoever runs the bot what mends that. */
export class MonitorError extends Error {
  readonly code: MonitorErrorCode;

  constructor(code: MonitorErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'MonitorError';
    this.code = code;
  }
}
