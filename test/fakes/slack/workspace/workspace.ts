import type { TestClock } from '../clock.ts';
import type { Identifiers } from '../identifiers.ts';
import type { Names } from '../text/mrkdwn.ts';
import type { Directory } from '../text/typed-text.ts';
import type { InstalledApp } from './installed-app.ts';
import type { ChannelKind, ChannelRecord, FileRecord, MessageRecord, UserRecord } from './records.ts';

/** Everything a workspace holds: people, conversations with their messages, files. No wire, no events. */
export class Workspace implements Names, Directory {
  readonly app: InstalledApp;
  readonly users = new Map<string, UserRecord>();
  readonly channels = new Map<string, ChannelRecord>();
  readonly files = new Map<string, FileRecord>();
  /** What `views.publish` last showed on a user's home tab. */
  readonly homeViews = new Map<string, object>();
  readonly #ids: Identifiers;
  readonly #clock: TestClock;

  constructor(app: InstalledApp, ids: Identifiers, clock: TestClock) {
    this.app = app;
    this.#ids = ids;
    this.#clock = clock;
    this.users.set(app.botUser.id, app.botUser);
  }

  /** The user of this name, made when there is none yet. */
  person(name: string): UserRecord {
    const known = [...this.users.values()].find((user) => user.name === name);
    if (known !== undefined) return known;
    const realName = name.charAt(0).toUpperCase() + name.slice(1);
    return this.#add({ id: this.#ids.id('U'), name, realName });
  }

  /** Another app's bot. */
  otherBot(name: string): UserRecord {
    const known = [...this.users.values()].find((user) => user.name === name);
    if (known !== undefined) return known;
    const [id, botId, appId] = [this.#ids.id('U'), this.#ids.id('B'), this.#ids.id('A')];
    return this.#add({ id, name, realName: name, botId, appId });
  }

  addChannel(name: string, kind: ChannelKind, members: readonly string[]): ChannelRecord {
    const channel: ChannelRecord = {
      id: this.#ids.id(kind === 'im' ? 'D' : 'C'),
      name,
      kind,
      members: new Set(members),
      created: Math.floor(this.#clock.now() / 1000),
      archived: false,
      messages: [],
    };
    this.channels.set(channel.id, channel);
    return channel;
  }

  channelNamed(name: string): ChannelRecord | undefined {
    return [...this.channels.values()].find((channel) => channel.kind !== 'im' && channel.name === name);
  }

  /** The direct messages between this user and the bot, opened when they are not yet. */
  directMessages(user: string): ChannelRecord {
    const known = [...this.channels.values()].find(
      (channel) => channel.kind === 'im' && channel.members.has(user),
    );
    return known ?? this.addChannel('directmessage', 'im', [user, this.app.botUser.id]);
  }

  message(channel: ChannelRecord, ts: string): MessageRecord | undefined {
    return channel.messages.find((message) => message.ts === ts && !message.deleted);
  }

  /** The visible replies of a thread, without its root. */
  replies(root: MessageRecord): MessageRecord[] {
    return root.channel.messages.filter(
      (message) =>
        message.threadTs === root.ts &&
        message.ts !== root.ts &&
        !message.deleted &&
        message.ephemeralFor === undefined,
    );
  }

  botIsIn(channel: ChannelRecord): boolean {
    return channel.members.has(this.app.botUser.id);
  }

  permalink(message: MessageRecord): string {
    const base = `https://${this.app.teamDomain}.slack.com/archives/${message.channel.id}/p${message.ts.replace('.', '')}`;
    const { threadTs } = message;
    return threadTs === undefined ? base : `${base}?thread_ts=${threadTs}&cid=${message.channel.id}`;
  }

  user(id: string): string {
    return this.users.get(id)?.name ?? id;
  }

  channel(id: string): string {
    return this.channels.get(id)?.name ?? id;
  }

  userId(name: string): string | undefined {
    return [...this.users.values()].find((user) => user.name === name)?.id;
  }

  channelId(name: string): string | undefined {
    return this.channelNamed(name)?.id;
  }

  #add(user: UserRecord): UserRecord {
    this.users.set(user.id, user);
    return user;
  }
}
