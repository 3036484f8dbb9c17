import { ipAddress, wholeNumber } from './kinds.ts';
import { setting } from './setting.ts';

/** How programs watch the bot; `docs/operations.md` tells the whole of it. */
export const monitoringSettings = {
  METRICS_PORT: setting({
    section: 'monitoring',
    kind: wholeNumber({ min: 1, max: 65_535 }),
    default: undefined,
    sentence:
      'Where a bot on Discord or Slack answers /healthz, /readyz and, for Prometheus, /metrics; without it, nowhere.',
  }),
  METRICS_HOST: setting({
    section: 'monitoring',
    kind: ipAddress(),
    // What is told there is not secret, and nobody else's business: there is no password to it.
    default: '127.0.0.1',
    sentence:
      'The address that METRICS_PORT is opened at: this machine alone by default; 0.0.0.0 in a container, where probes come from outside.',
  }),
} as const;
