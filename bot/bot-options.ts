import type { Logger } from '../config/logger.ts';
import type { Engine } from '../inference/engine/engine.ts';
import type { RandomSource } from '../inference/engine/random.ts';
import type { Tasks } from '../inference/tasks/tasks.ts';
import type { Clock } from './clock.ts';
import type { Conversations } from './conversation.ts';
import type { CrowdLimits } from './crowd.ts';
import type { FixedSeeds } from './fixed-seeds.ts';
import type { KeptData } from './forgetting.ts';
import type { Gate } from './gate.ts';
import type { ModelCommand } from './model-command.ts';
import type { TurnObserver } from './observability/turn-observer.ts';
import type { SeenRequests } from './seen-requests.ts';
import type { Turns } from './store/store.ts';

export interface BotOptions {
  /** Settles when the model is loaded; turns wait for it. A bot whose engine cannot start answers so. */
  readonly engine: Promise<Engine>;
  readonly logger: Logger;
  /** Who may ask, and how often; absent: everybody. */
  readonly gate?: Gate;
  /** Which requests earlier processes took; absent: none. */
  readonly seen?: SeenRequests;
  /**
   * Learns of every turn that must survive its process, from before anything is done about it; whoever shows it tells
   * its end. Must not fail (`UnfailingStore`). Absent: no turn survives.
   */
  readonly journal?: Turns;
  /** Told of every request and turn. */
  readonly observer?: TurnObserver;
  /** With what earlier processes were told to forget, and whose seeds were fixed; absent: as if there had been none. */
  readonly conversations?: Conversations;
  readonly seeds?: FixedSeeds;
  /** Absent: nothing is kept about people, beside what the bot itself remembers. */
  readonly kept?: KeptData;
  /** Absent: the model is what it is. */
  readonly models?: ModelCommand;
  /** With the settings of whoever runs the bot; absent: as usual. */
  readonly tasks?: Tasks;
  /** Where seeds come from that the bot draws itself. */
  readonly random?: RandomSource;
  readonly clock?: Pick<Clock, 'now'>;
  readonly limits?: Partial<BotLimits>;
}

export interface BotLimits extends CrowdLimits {
  /** Requests of one conversation that may wait behind the one being answered. */
  readonly waitingPerConversation: number;
  /** How long `/status` waits for a model that is still being loaded, or says nothing. */
  readonly statusPatienceMs: number;
  /** How long `close` waits for stopped turns to tell their ends. */
  readonly closePatienceMs: number;
}

export const BOT_LIMITS: BotLimits = {
  // More than a lively group writes within one answer; less than it would take to be answered too late.
  waitingPerConversation: 8,
  // A compiled model is loaded within this; one that must be compiled first is not worth the wait.
  statusPatienceMs: 3_000,
  // The largest GPT-2 computes one piece of a prompt within this; an engine that takes longer has hung.
  closePatienceMs: 5_000,
  // As many as one conversation has room for, and few enough that nobody fills the queue alone.
  openPerPerson: 9,
  // With the defaults of MAX_QUEUE and ENGINE_BATCH: as many as the engine takes.
  openInAll: 72,
};
