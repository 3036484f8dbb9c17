import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EVENTS, SCOPES } from '../../adapters/slack/manifest.ts';
import { SqliteStore } from '../../bot/store/sqlite-store.ts';
import type { Store } from '../../bot/store/store.ts';
import { FakeDiscord } from '../fakes/discord/fake-discord.ts';
import { FakeSlack } from '../fakes/slack/fake-slack.ts';
import { type Random, seeded } from '../fakes/slack/random.ts';
import { BotProcess, type BotProcessOptions, signalProcess } from './bot-process.ts';
import { Crowd } from './crowd.ts';
import { discordPlaces } from './discord-places.ts';
import type { Place } from './place.ts';
import type { Question } from './reply.ts';
import { slackPlaces } from './slack-places.ts';
import { type ChaosModel, WEIGHTS } from './undisturbed.ts';
import { pause, until } from './until.ts';

/** People of each kind on each platform: ten conversations or so keep the engine's batch of eight full. */
const OF_EACH = 2;

/** How much longer than to its first words a reply may get to live. */
const FURTHER_MS = 500;

/** Longer than the bot waits for an answer to its last edit (ten seconds), twice. */
const SETTLED_MS = 25_000;

export interface ArenaOptions {
  readonly seed: number;
  readonly model: ChaosModel;
}

/** Both platforms with people in them, a data folder, and the bot that is killed and started there. */
export class Arena {
  readonly discord: FakeDiscord;
  readonly slack: FakeSlack;
  readonly places: readonly Place[];
  readonly crowd: Crowd;
  readonly random: Random;
  /** Made for this run, and gone with it. */
  readonly folder: string;
  readonly #options: ArenaOptions;
  #bot: BotProcess | undefined;
  #engineHasWritten = false;

  private constructor(options: ArenaOptions, folder: string, discord: FakeDiscord, slack: FakeSlack) {
    this.#options = options;
    this.folder = folder;
    this.discord = discord;
    this.slack = slack;
    this.random = seeded(options.seed);
    this.places = [...discordPlaces(discord, OF_EACH), ...slackPlaces(slack, OF_EACH)];
    this.crowd = new Crowd(this.random, () => this.#bot !== undefined && !this.#bot.gone);
  }

  static async open(options: ArenaOptions): Promise<Arena> {
    const folder = await mkdtemp(path.join(tmpdir(), 'parley-chaos-'));
    const discord = await FakeDiscord.start();
    const slack = await FakeSlack.start({
      seed: options.seed,
      scopes: Object.keys(SCOPES),
      botEvents: EVENTS,
    });
    return new Arena(options, folder, discord, slack);
  }

  async close(): Promise<void> {
    await this.#bot?.kill();
    await this.slack.stop();
    await this.discord.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** @throws Error when there is none now. */
  get bot(): BotProcess {
    if (!this.#bot) throw new Error('The bot is not there.');
    return this.#bot;
  }

  get dataFolder(): string {
    return path.join(this.folder, 'data');
  }

  async startBot(options: Partial<BotProcessOptions> = {}): Promise<BotProcess> {
    const { seed, model } = this.#options;
    const { env, ...rest } = options;
    this.#bot = await BotProcess.start({
      seed,
      ...rest,
      env: {
        MODEL: model.model,
        MODEL_CACHE: model.cache,
        ENGINE_WEIGHTS: WEIGHTS,
        ENGINE_THREADS: '1',
        DATA_DIR: this.dataFolder,
        USER_REQUESTS_PER_MINUTE: '0',
        DISCORD_TOKEN: this.discord.token,
        DISCORD_API_URL: this.discord.apiUrl,
        SLACK_BOT_TOKEN: this.slack.botToken,
        SLACK_APP_TOKEN: this.slack.appToken,
        SLACK_API_URL: this.slack.apiUrl,
        ...env,
      },
    });
    this.#engineHasWritten = false;
    this.crowd.goOn();
    return this.#bot;
  }

  async killBot(): Promise<void> {
    const bot = this.bot;
    this.#bot = undefined;
    await bot.kill();
  }

  /**
   * Kills the bot while words of some reply can be read, and all that was asked is taken: what it has not heard of, no bot
   * can answer.
   *
   * @returns how many replies were under way.
   */
  async killBotMidReply(): Promise<number> {
    const bot = this.bot;
    await bot.engine();
    for (;;) {
      await this.midReply();
      this.crowd.hold();
      await this.#allTaken();
      const underWay = this.crowd.midReply;
      if (underWay > 0) {
        await this.killBot();
        return underWay;
      }
      this.crowd.goOn();
    }
  }

  /** @returns its exit status. */
  async stopBot(): Promise<number | null> {
    const bot = this.bot;
    this.#bot = undefined;
    return bot.stop();
  }

  /** @returns whether there was something to kill. */
  async signalEngine(signal: NodeJS.Signals): Promise<boolean> {
    return signalProcess(await this.bot.engine(), signal);
  }

  /** What is left where nothing may be left once everything is answered, in words. */
  async leftovers(): Promise<readonly string[]> {
    const { bot } = this;
    // Its end is recorded when the platform has answered to the last edit, which may be a while after it can be read.
    await this.#withJournal((unfinished) =>
      this.until(async () => (await unfinished()).length === 0, 'the journal to be empty', SETTLED_MS),
    ).catch(() => undefined);
    const errors = bot.errors.map((record) => `the bot logged a mistake: ${JSON.stringify(record)}`);
    await this.stopBot();
    const unfinished = await this.#withJournal((read) => read());
    return [
      ...errors,
      ...unfinished.map(({ id }) => `the journal takes ${id} for unfinished`),
      ...this.places.flatMap((place) => place.busy()),
    ];
  }

  /** A whole number from 0 to `below` - 1, drawn from the seed. */
  draw(below: number): number {
    return Math.floor(this.random() * below);
  }

  /**
   * Waits for a moment that hurts: the engine writes, words of some reply can be read, and more are coming.
   *
   * @returns how many replies are under way.
   */
  async midReply(): Promise<number> {
    const { crowd } = this;
    // A bot that has just been started shows what the one before it had written.
    await this.#engineWrites();
    for (;;) {
      const readsMore = crowd.readsMore;
      await this.until(() => readsMore() && crowd.midReply > 0, 'a reply that is under way');
      await pause(this.draw(FURTHER_MS));
      if (crowd.midReply > 0) return crowd.midReply;
    }
  }

  /** People ask so many questions more; resolves when all have an end. */
  async asks(turns: number, questions?: readonly Question[]): Promise<void> {
    await this.crowd.end();
    this.crowd.begin(this.places, { most: turns, ...(questions && { questions }) });
    await this.until(() => this.crowd.exhausted, `${turns} answers`).catch(() => undefined);
    await this.crowd.end();
  }

  /** Holds the crowd, and waits until the bot has taken everything that was asked. */
  async takenByNow(): Promise<void> {
    this.crowd.hold();
    await this.#allTaken();
  }

  /** The journal knows it, or it is answered. */
  #allTaken(): Promise<void> {
    return this.#withJournal((unfinished) =>
      this.until(
        async () => (await unfinished()).length >= this.crowd.open.length,
        'every request to be taken',
      ),
    );
  }

  /** The journal grows. */
  async #engineWrites(): Promise<void> {
    if (this.#engineHasWritten) return;
    await this.#withJournal(async (unfinished) => {
      const before = new Map((await unfinished()).map(({ id, soFar }) => [id, soFar.tokens.length]));
      await this.until(
        async () => (await unfinished()).some(({ id, soFar }) => soFar.tokens.length > (before.get(id) ?? 0)),
        'the engine to write',
      );
    });
    this.#engineHasWritten = true;
  }

  async #withJournal<T>(use: (unfinished: Store['turns']['unfinished']) => Promise<T>): Promise<T> {
    const store = await SqliteStore.open(path.join(this.dataFolder, 'parley.db'));
    try {
      return await use(() => store.turns.unfinished());
    } finally {
      await store.close();
    }
  }

  until(look: () => boolean | Promise<boolean>, what: string, withinMs = 180_000): Promise<void> {
    return until(look, { what, withinMs, state: () => this.#bot?.lastWords ?? 'The bot is not there.' });
  }
}
