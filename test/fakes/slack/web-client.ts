import { webApi } from '@slack/bolt';
import { expect } from 'vitest';
import type { FakeSlack } from './fake-slack.ts';

/** Bolt's own Web API client against a fake, with quick retries. */
export function webClient(
  slack: FakeSlack,
  token: string | undefined = slack.botToken,
  options: webApi.WebClientOptions = {},
): webApi.WebClient {
  return new webApi.WebClient(token, {
    slackApiUrl: slack.apiUrl,
    retryConfig: { retries: 2, minTimeout: 1, maxTimeout: 5 },
    logger: silent,
    ...options,
  });
}

/** Matches the rejection of a call that Slack refused with this code. */
export function refused(error: string, more: object = {}) {
  return { data: expect.objectContaining({ ok: false, error, ...more }) };
}

const nothing = () => {};
const silent: webApi.Logger = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  setLevel: nothing,
  getLevel: () => webApi.LogLevel.ERROR,
  setName: nothing,
};
