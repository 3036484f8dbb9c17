import type { WaitOptions } from './changes.ts';
import type { TestClock } from './clock.ts';
import type { RedeliverOptions } from './delivery/deliveries.ts';
import type { Delivery } from './delivery/delivery.ts';
import { HttpTransport } from './delivery/http-transport.ts';
import { SocketTransport } from './delivery/socket-transport.ts';
import { FakeWorkspace } from './driver/fake-workspace.ts';
import { completeOptions, type FakeSlackSettings } from './options.ts';
import type { ResponseUrlUse } from './response-urls.ts';
import { SlackServer } from './server.ts';
import { agentMethods } from './web-api/agent.ts';
import type { ApiCall } from './web-api/call.ts';
import { chatMethods } from './web-api/chat.ts';
import { chatStreamMethods } from './web-api/chat-stream.ts';
import { connectionMethods } from './web-api/connections.ts';
import { conversationsMethods } from './web-api/conversations.ts';
import type { Failure, Hold } from './web-api/faults.ts';
import { filesMethods } from './web-api/files.ts';
import { historyMethods } from './web-api/history.ts';
import { identityMethods } from './web-api/identity.ts';
import { viewsMethods } from './web-api/views.ts';
import { WebApi } from './web-api/web-api.ts';
import type { InstalledApp } from './workspace/installed-app.ts';
import { World } from './workspace/world.ts';

/** Lines of the state of things in the error of a wait that was in vain. */
const DESCRIBED = 12;

/** A Slack on loopback, with one workspace and one app, driven by a test on one side and by Bolt on the other. */
export class FakeSlack {
  readonly workspace: FakeWorkspace;
  readonly #world: World;
  readonly #webApi: WebApi;
  readonly #server: SlackServer;
  readonly #sockets: SocketTransport | undefined;
  readonly #http: HttpTransport | undefined;

  private constructor(settings: FakeSlackSettings) {
    const options = completeOptions(settings);
    let transport: SocketTransport | HttpTransport | undefined;
    this.#world = new World(options, (world) => {
      transport = options.mode === 'socket' ? new SocketTransport(world) : new HttpTransport(world);
      return transport;
    });
    this.#sockets = transport instanceof SocketTransport ? transport : undefined;
    this.#http = transport instanceof HttpTransport ? transport : undefined;
    this.#webApi = new WebApi(this.#world, {
      ...identityMethods,
      ...connectionMethods(this.#sockets),
      ...chatMethods,
      ...chatStreamMethods,
      ...conversationsMethods,
      ...historyMethods,
      ...filesMethods,
      ...agentMethods,
      ...viewsMethods,
    });
    this.#server = new SlackServer(this.#world, this.#webApi, this.#sockets);
    this.workspace = new FakeWorkspace(this.#world);
  }

  static async start(settings: FakeSlackSettings = {}): Promise<FakeSlack> {
    const slack = new FakeSlack(settings);
    slack.#world.origin = await slack.#server.listen();
    return slack;
  }

  /** Ends every connection and forgets every timer. */
  async stop(): Promise<void> {
    this.#world.clock.stop();
    await this.#sockets?.stop();
    await this.#http?.stop();
    await this.#server.close();
  }

  /** For `clientOptions.slackApiUrl`. */
  get apiUrl(): string {
    return `${this.#world.origin}/api/`;
  }

  get botToken(): string {
    return this.app.botToken;
  }

  get appToken(): string {
    return this.app.appToken;
  }

  get signingSecret(): string {
    return this.app.signingSecret;
  }

  /** The installation: its ids, scopes and subscriptions, and whether its tokens are still good. */
  get app(): InstalledApp {
    return this.#world.app;
  }

  get clock(): TestClock {
    return this.#world.clock;
  }

  /** Socket Mode's connections. @throws Error in HTTP mode. */
  get sockets(): SocketTransport {
    if (this.#sockets === undefined) throw new Error('This fake runs in HTTP mode: it has no sockets.');
    return this.#sockets;
  }

  /** The event sender. @throws Error in Socket Mode. */
  get http(): HttpTransport {
    if (this.#http === undefined) throw new Error('This fake runs in Socket Mode: it posts nowhere.');
    return this.#http;
  }

  /** Every Web API call, in the order of arrival. */
  get calls(): readonly ApiCall[] {
    return this.#webApi.calls;
  }

  callsTo(method: string): readonly ApiCall[] {
    return this.calls.filter((call) => call.method === method);
  }

  get responseUrlUses(): readonly ResponseUrlUse[] {
    return this.#world.responseUrls.uses;
  }

  get deliveries(): readonly Delivery[] {
    return this.#world.deliveries.all;
  }

  /** Sends events again, each `times` times. */
  redeliver(deliveries: Delivery | readonly Delivery[], times = 1, options: RedeliverOptions = {}): void {
    for (const delivery of [deliveries].flat() as Delivery[]) {
      this.#world.deliveries.redeliver(delivery, times, options);
    }
  }

  /** Sends every one of them `times` times, held ones included, in one shuffled order. */
  storm(deliveries: readonly Delivery[], times: number): void {
    this.#world.deliveries.storm(deliveries, times);
  }

  failNext(method: string, failure: Failure, times = 1): void {
    this.#webApi.faults.failNext(method, failure, times);
  }

  /** @returns what ends it. */
  failAlways(method: string, failure: Failure): () => void {
    return this.#webApi.faults.failAlways(method, failure);
  }

  /** Stops the calls to a method at the door. */
  hold(method: string): Hold {
    return this.#webApi.faults.hold(method);
  }

  /** The first value of `look` that is not nothing; asked again after every change in the fake. */
  waitFor<T>(look: () => T | undefined | null | false, options: WaitOptions = {}): Promise<T> {
    return this.#world.changes.until(look, () => this.#describe(), options);
  }

  /** For waiting on something that is not in the fake: the test tells it that something changed. */
  changed(): void {
    this.#world.changes.notify();
  }

  #describe(): string {
    const calls = this.calls.map(
      (call) => `${call.method} ${call.status ?? 'unanswered'} ${call.error ?? ''}`,
    );
    const events = this.deliveries.map((delivery) => `${delivery.name} ${delivery.state}`);
    return [
      `Last calls:\n  ${calls.slice(-DESCRIBED).join('\n  ')}`,
      `Last deliveries:\n  ${events.slice(-DESCRIBED).join('\n  ')}`,
    ].join('\n');
  }
}
