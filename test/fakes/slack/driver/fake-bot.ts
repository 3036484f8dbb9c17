import type { UserRecord } from '../workspace/records.ts';
import type { World } from '../workspace/world.ts';
import type { FakeChannel } from './fake-channel.ts';

/** Another app in the workspace: one whose messages the bot must leave alone. */
export class FakeBot {
  readonly record: UserRecord;
  readonly #world: World;

  constructor(world: World, record: UserRecord) {
    this.#world = world;
    this.record = record;
  }

  /** Posts, in the older form of bots' messages (`subtype: bot_message`) or in today's, without a subtype. */
  says(channel: FakeChannel, text: string, form: 'bot_message' | 'plain' = 'plain'): string {
    channel.record.members.add(this.record.id);
    const message = this.#world.messaging.post({
      channel: channel.record,
      user: this.record,
      text,
      ...(form === 'bot_message' && { subtype: form }),
    });
    return message.ts;
  }
}
