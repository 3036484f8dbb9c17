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
      'Who can reach METRICS_PORT: by default this machine alone; in a container, where probes come from outside, use the address of all interfaces.',
  }),
} as const;
