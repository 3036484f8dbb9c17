import { Changes } from '../changes.ts';
import { TestClock } from '../clock.ts';
import { Deliveries } from '../delivery/deliveries.ts';
import type { Transport } from '../delivery/transport.ts';
import { Identifiers } from '../identifiers.ts';
import type { FakeSlackOptions } from '../options.ts';
import { type Random, seeded } from '../random.ts';
import { ResponseUrls } from '../response-urls.ts';
import { AgentSessions } from './agent-sessions.ts';
import { Announcer } from './announcer.ts';
import { InstalledApp } from './installed-app.ts';
import { Messaging } from './messaging.ts';
import { Modals } from './modals.ts';
import { Streams } from './streams.ts';
import { Workspace } from './workspace.ts';

/** The parts of one running fake, put together; every part gets from here what it works with. */
export class World {
  readonly options: FakeSlackOptions;
  readonly clock = new TestClock();
  readonly changes = new Changes();
  readonly random: Random;
  readonly ids: Identifiers;
  readonly app: InstalledApp;
  readonly workspace: Workspace;
  readonly deliveries: Deliveries;
  readonly announcer: Announcer;
  readonly messaging: Messaging;
  readonly streams: Streams;
  readonly sessions: AgentSessions;
  readonly responseUrls: ResponseUrls;
  readonly modals: Modals;
  /** `http://127.0.0.1:<port>`, known once the server listens. */
  origin = '';

  constructor(options: FakeSlackOptions, transport: (world: World) => Transport) {
    this.options = options;
    this.random = seeded(options.seed);
    this.ids = new Identifiers(this.clock, seeded(options.seed + 1));
    this.app = new InstalledApp(this.ids, options);
    this.workspace = new Workspace(this.app, this.ids, this.clock);
    this.deliveries = new Deliveries(this, transport(this));
    this.announcer = new Announcer(this);
    this.messaging = new Messaging(this);
    this.streams = new Streams(this);
    this.sessions = new AgentSessions(this);
    this.responseUrls = new ResponseUrls(this);
    this.modals = new Modals(this.ids, this.clock);
  }
}
