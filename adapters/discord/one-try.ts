import type { RESTOptions } from 'discord.js';
import { OutletError } from '../../bot/delivery/outlet-error.ts';

type MakeRequest = RESTOptions['makeRequest'];

/** A further message by the token of an interaction. */
const FOLLOW_UP = /\/webhooks\/\d+\/[^/?]+(?:\?|$)/u;

/**
 * discord.js tries again by itself after a server error or a lost connection. A follow-up takes no nonce: every try that
 * was carried out would be a message of its own, so it has one, and whoever posts looks what became of it.
 */
export function oneTry(makeRequest: MakeRequest): MakeRequest {
  return async (url, init) => {
    if (init.method !== 'POST' || !FOLLOW_UP.test(url)) return makeRequest(url, init);
    let answer: Awaited<ReturnType<MakeRequest>>;
    try {
      answer = await makeRequest(url, init);
    } catch (cause) {
      throw new OutletError('OUTLET_FAILED', 'Discord did not answer a further message', { cause });
    }
    if (answer.status < 500) return answer;
    throw new OutletError('OUTLET_FAILED', `Discord answered a further message with ${answer.status}`);
  };
}
