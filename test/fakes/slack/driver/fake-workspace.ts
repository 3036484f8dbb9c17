import type { World } from '../workspace/world.ts';
import { FakeBot } from './fake-bot.ts';
import { FakeChannel } from './fake-channel.ts';
import { FakeUser } from './fake-user.ts';

export interface ChannelOptions {
  readonly private?: boolean;
  /** The bot is a member; true unless said otherwise. */
  readonly withBot?: boolean;
}

/** The workspace as a test fills it: who asks for somebody or some channel by a new name, makes them. */
export class FakeWorkspace {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  user(name: string): FakeUser {
    return new FakeUser(this.#world, this.#world.workspace.person(name));
  }

  /** Another app's bot. */
  bot(name: string): FakeBot {
    return new FakeBot(this.#world, this.#world.workspace.otherBot(name));
  }

  /** The options count only when the channel is made. */
  channel(name: string, options: ChannelOptions = {}): FakeChannel {
    const { workspace, app } = this.#world;
    const members = options.withBot === false ? [] : [app.botUser.id];
    const kind = options.private === true ? 'group' : 'channel';
    return new FakeChannel(
      this.#world,
      workspace.channelNamed(name) ?? workspace.addChannel(name, kind, members),
    );
  }

  /** What `views.publish` last showed on this user's home tab. */
  homeView(user: FakeUser): object | undefined {
    return this.#world.workspace.homeViews.get(user.id);
  }

  get agent() {
    return this.#world.sessions;
  }
}
