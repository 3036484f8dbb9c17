import type { Bot } from './bot.ts';
import type { ButtonPress, PressAnswer } from './buttons.ts';
import { type Delivery, targetOf } from './delivery/delivery.ts';
import type { Opinions } from './opinions.ts';
import type { Outlet, Surroundings } from './ports.ts';
import type { ChatRequest } from './request.ts';
import type { PostedMessage, UnfinishedTurn } from './store/store.ts';
import type { Turn } from './turn.ts';

/** What an adapter is to the reception: where replies are shown, and what surrounds a request. */
export type Desk = Surroundings & Outlet;

export interface ReceptionOptions {
  readonly bot: Bot;
  readonly delivery: Delivery;
  readonly opinions: Opinions;
}

/** Turns whose asker is remembered: as long as somebody may still press a button, and not much longer. */
const ASKERS_REMEMBERED = 10_000;

const SAYS = {
  closed: 'I am about to leave. Press it again when I am back.',
  ended: 'That answer is complete already: there is nothing to stop.',
  notYours: 'Only the person who asked, and moderators, can do that. Ask it yourself, and you can.',
  forgotten: 'That was too long ago: I do not remember what was asked. Ask again, please.',
  nothingMore:
    'Only a text that /write began can go on. Ask further instead, or use Again for another answer.',
} as const;

/** Takes what people ask and press on any platform, and has the answers shown. */
export class Reception {
  readonly #options: ReceptionOptions;
  /** Who asked, by turn; the latest last. */
  readonly #askers = new Map<string, string>();
  #closed = false;

  constructor(options: ReceptionOptions) {
    this.#options = options;
  }

  /** Takes a request; undefined when it is not to be answered at all. */
  take(request: ChatRequest, desk: Desk): Turn | undefined {
    const turn = this.#options.bot.handle(request, desk);
    if (turn) this.#show(turn, desk);
    return turn;
  }

  /**
   * Goes on with a turn that an earlier process did not finish, in the messages that it posted.
   *
   * @param over why it only gets an end.
   */
  takeUp(unfinished: UnfinishedTurn, desk: Desk, over?: 'late' | 'fatal'): void {
    const { bot } = this.#options;
    const turn = over ? bot.giveUp(unfinished, over) : bot.takeUp(unfinished, desk);
    this.#show(turn, desk, unfinished.posted);
  }

  /** Leaves a turn that an earlier process did not finish as it is, for good. */
  drop(unfinished: UnfinishedTurn): void {
    this.#options.bot.drop(unfinished);
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Begins nothing any more, and tells people so; what was begun is answered. */
  close(): void {
    this.#closed = true;
    this.#options.bot.leave();
  }

  /** Takes a pressed button. What comes of it is shown like any other answer; only refusals and thanks are told here. */
  async press(press: ButtonPress, desk: Desk): Promise<PressAnswer> {
    if (press.action === 'stop') return this.#stop(press);
    if (this.#closed) return { note: SAYS.closed };
    switch (press.action) {
      case 'again':
      case 'more':
        return this.#repeat(press, desk);
      case 'good':
      case 'bad':
        return (await this.#options.opinions.take(press)) ?? {};
    }
  }

  #stop(press: ButtonPress): PressAnswer {
    if (this.#mayDecide(press) === false) return { note: SAYS.notYours };
    return this.#options.bot.stop(press.turn) ? {} : { note: SAYS.ended };
  }

  async #repeat(press: ButtonPress, desk: Desk): Promise<PressAnswer> {
    const { action, turn: pressed, where, by, origin, id, at } = press;
    if (action === 'again') {
      const mayDecide = this.#mayDecide(press);
      if (mayDecide !== true) return { note: mayDecide === false ? SAYS.notYours : SAYS.forgotten };
    }
    const request: ChatRequest = {
      id,
      trigger: 'command',
      command: action,
      options: { turn: pressed },
      text: '',
      author: by,
      conversation: where.conversation,
      ...(origin && { origin }),
      ...(where.address && { replyAddress: where.address }),
      attachments: [],
      at,
    };
    const turn = this.#options.bot.handle(request, desk);
    if (!turn) return {};
    if (turn.refused) {
      this.#options.bot.discard(turn);
      return { note: await refusalOf(turn) };
    }
    if (turn.task === undefined) {
      this.#options.bot.discard(turn);
      return { note: action === 'more' ? SAYS.nothingMore : SAYS.forgotten };
    }
    this.#show(turn, desk);
    return {};
  }

  /** Undefined: nobody knows any more who asked. */
  #mayDecide({ turn, by, moderator }: ButtonPress): boolean | undefined {
    const asker = this.#askers.get(turn);
    return asker === undefined ? undefined : moderator || asker === by.id;
  }

  #show(turn: Turn, desk: Desk, earlier?: readonly PostedMessage[]): void {
    this.#askers.set(turn.id, turn.request.author.id);
    for (const oldest of this.#askers.keys()) {
      if (this.#askers.size <= ASKERS_REMEMBERED) break;
      this.#askers.delete(oldest);
    }
    void this.#options.delivery.deliver(turn, desk, targetOf(turn.request), earlier);
  }
}

async function refusalOf(turn: Turn): Promise<string> {
  for await (const event of turn.events) if (event.type === 'failed') return event.message;
  return SAYS.forgotten;
}
