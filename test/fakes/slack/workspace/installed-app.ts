import { keepSecret } from '../../confidential.ts';
import type { Identifiers } from '../identifiers.ts';
import type { FakeSlackOptions } from '../options.ts';
import type { UserRecord } from './records.ts';

/** The bot's app as it is installed in the workspace: who it is, and what it may do. */
export class InstalledApp {
  readonly appId: string;
  readonly teamId: string;
  readonly teamName = 'Parley Test';
  readonly teamDomain = 'parley-test';
  readonly botUser: UserRecord;
  readonly botId: string;
  readonly botToken: string;
  readonly appToken: string;
  readonly signingSecret: string;
  /** The deprecated token that payloads still carry. */
  readonly verificationToken: string;
  readonly agent: boolean;
  scopes: readonly string[];
  botEvents: ReadonlySet<string>;
  /** `invalid_auth` or `account_inactive` and so on, once the installation is no longer good. */
  refusal: string | undefined;

  constructor(ids: Identifiers, options: FakeSlackOptions) {
    this.appId = ids.id('A');
    this.teamId = ids.id('T');
    this.botId = ids.id('B');
    this.botUser = {
      id: ids.id('U'),
      name: 'parley',
      realName: 'Parley',
      botId: this.botId,
      appId: this.appId,
    };
    // Shaped like Slack's, and like nobody's real token.
    this.botToken = keepSecret(`xoxb-fake-${ids.characters(16)}`);
    this.appToken = keepSecret(`xapp-1-fake-${ids.characters(16)}`);
    this.signingSecret = keepSecret(ids.uuid().replaceAll('-', ''));
    this.verificationToken = keepSecret(ids.characters(24));
    this.agent = options.agent;
    this.scopes = options.scopes;
    this.botEvents = new Set(options.botEvents);
  }
}
