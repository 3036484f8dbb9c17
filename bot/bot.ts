import { webcrypto } from 'node:crypto';
import type { Logger } from '../config/logger.ts';
import type { Seed } from '../inference/engine/engine.ts';
import { newSeed, type RandomSource } from '../inference/engine/random.ts';
import type { TaskName } from '../inference/tasks/task.ts';
import { tasks as usualTasks } from '../inference/tasks/tasks.ts';
import { Admission, type Refusal } from './admission.ts';
import { Answers } from './answers.ts';
import { AwaitedEngine } from './awaited-engine.ts';
import { BOT_LIMITS, type BotOptions } from './bot-options.ts';
import { systemClock } from './clock.ts';
import { Controls } from './controls.ts';
import { Conversations } from './conversation.ts';
import { explain } from './failure.ts';
import { FixedSeeds } from './fixed-seeds.ts';
import { Forgetting } from './forgetting.ts';
import type { Beginning, TurnObserver } from './observability/turn-observer.ts';
import type { Surroundings } from './ports.ts';
import type { ChatRequest } from './request.ts';
import { type Route, route } from './router.ts';
import { LASTING_IDS, SeenRequests } from './seen-requests.ts';
import type { Turns, UnfinishedTurn } from './store/store.ts';
import { OpenTurn, type Turn, turnIdOf } from './turn.ts';
import { TurnsInOrder } from './turns-in-order.ts';
import { unlessStopped } from './unless-stopped.ts';

/** What the bot says beside an answer. */
const SAYS = {
  interrupted:
    'I was interrupted, and it has been too long since to go on, so this answer ends here. Ask again for a whole one.',
  fatal:
    'I broke off at this request several times, so I do not try it again. Ask in other words, or with less text.',
} as const;

/** Between requests and their replies: decides, gathers, lets a task run, and tells what happens as plain data. */
export class Bot {
  readonly #engine: AwaitedEngine;
  readonly #logger: Logger;
  readonly #seen: SeenRequests;
  readonly #journal: Turns | undefined;
  readonly #observer: TurnObserver | undefined;
  readonly #random: RandomSource;
  readonly #inOrder: TurnsInOrder;
  readonly #admission: Admission;
  readonly #closePatienceMs: number;
  readonly #controls: Controls;
  readonly #answers: Answers;
  readonly #turns = new Map<string, { readonly turn: OpenTurn; readonly done: Promise<void> }>();

  constructor({
    engine,
    logger,
    gate,
    seen,
    journal,
    observer,
    conversations = new Conversations(),
    seeds = new FixedSeeds(),
    kept,
    models,
    tasks = usualTasks,
    random = webcrypto,
    clock = systemClock,
    limits,
  }: BotOptions) {
    const { waitingPerConversation, statusPatienceMs, closePatienceMs, ...crowd } = {
      ...BOT_LIMITS,
      ...limits,
    };
    this.#admission = new Admission(gate, crowd, clock);
    this.#closePatienceMs = closePatienceMs;
    this.#engine = new AwaitedEngine(engine);
    this.#logger = logger;
    this.#seen = seen ?? new SeenRequests();
    this.#journal = journal;
    this.#observer = observer;
    this.#random = random;
    this.#inOrder = new TurnsInOrder(waitingPerConversation, this.#admission.crowd);
    this.#answers = new Answers({
      engine: (turn) => this.#engine.for(turn),
      logger,
      tasks,
      conversations,
      seeds,
      random,
      ...(journal && { journal }),
    });
    this.#controls = new Controls({
      engine: this.#engine,
      answers: this.#answers,
      forgetting: new Forgetting({ conversations, answers: this.#answers, kept, logger }),
      inOrder: this.#inOrder,
      models,
      statusPatienceMs,
    });
  }

  /** Takes a request; undefined when it is not to be answered at all. Never throws: what goes wrong is told as an event. */
  handle(request: ChatRequest, surroundings: Surroundings): Turn | undefined {
    const id = turnIdOf(request);
    this.#observer?.arrived(id, request);
    const own = request.author.id === surroundings.self.id;
    const duplicate = !own && !this.#seen.take(id, request.conversation.platform, request.at);
    const decided = route(request, { duplicate, own });
    if (decided.kind === 'drop') {
      this.#logger.debug({ turn: id, why: decided.why }, 'not answered');
      return undefined;
    }
    const refusal = this.#admission.refusal(decided, request);
    if (refusal === 'silence') {
      this.#logger.debug({ turn: id, why: 'told a moment ago that it is refused' }, 'not answered');
      return undefined;
    }
    const task = refusal ? undefined : this.#taskOf(decided, request);
    const seed =
      this.#journal && LASTING_IDS[request.conversation.platform] ? newSeed(this.#random) : undefined;
    const turn = this.#begin('asked', id, request, task, seed);
    // A reply that is there at once needs no journal; the terminal ends with its process.
    if (!refusal && seed !== undefined) void this.#journal?.take({ id, request, seed });
    return this.#open(turn, refusal ?? decided, this.#carryOut(turn, refusal ?? decided, surroundings));
  }

  /**
   * Takes up a turn that an earlier process did not finish: it goes on behind what was written, of which not a word
   * changes; one of which nothing was written begins anew.
   */
  takeUp(unfinished: UnfinishedTurn, surroundings: Surroundings): Turn {
    const { id, request, seed, draft, soFar } = unfinished;
    this.#know(id, request);
    const decided = route(request, { duplicate: false, own: false });
    const task = draft?.task ?? this.#taskOf(decided, request);
    const turn = this.#begin('taken up', id, request, task, seed);
    if (!draft && decided.kind !== 'task')
      return this.#open(turn, decided, this.#carryOut(turn, decided, surroundings));
    // At once: what people can read already must not be taken back while the turn waits.
    if (soFar.text !== '') turn.tell({ type: 'delta', text: soFar.text });
    const goOn = async () => {
      await this.#tryAgain(turn);
      const anew = decided.kind === 'task';
      const wentOn = draft !== undefined && (await this.#answers.goOn(turn, draft, soFar, anew));
      if (!wentOn && anew) await this.#answers.answer(turn, decided, surroundings);
    };
    return this.#open(turn, decided, this.#inOrder.run(turn, goOn));
  }

  /**
   * Ends a turn that an earlier process did not finish: with what was written, and one line that says why.
   *
   * @param why it is too late to go on with it, or processes died of it.
   */
  giveUp(unfinished: UnfinishedTurn, why: 'late' | 'fatal'): Turn {
    const { id, request, draft, soFar } = unfinished;
    this.#know(id, request);
    void this.#journal?.tryAgain(id);
    const turn = this.#begin('given up', id, request, draft?.task);
    for (const text of draft?.notes ?? []) turn.tell({ type: 'notice', text });
    if (soFar.text !== '') turn.tell({ type: 'delta', text: soFar.text });
    if (why === 'late') turn.fail('INTERRUPTED', SAYS.interrupted);
    else turn.fail('TURN_FATAL', SAYS.fatal);
    return turn;
  }

  /** Drops a turn that an earlier process did not finish, with nothing shown of it. */
  drop({ id }: UnfinishedTurn): void {
    void this.#journal?.end(id);
  }

  /** Stops a turn of which nothing is shown to anybody. */
  discard(turn: Turn): void {
    turn.stop();
    void this.#journal?.end(turn.id);
  }

  /** Stops a running or waiting turn; false when there is none of that id. What people have seen of it stays. */
  stop(turnId: string): boolean {
    const running = this.#turns.get(turnId);
    if (!running || running.turn.ended) return false;
    running.turn.stop();
    return true;
  }

  /** From now on begins nothing, and tells people so. */
  leave(): void {
    this.#admission.close();
  }

  /** Stops every turn and waits until each has told its end, though not for an engine that says nothing any more. */
  async close(): Promise<void> {
    const running = [...this.#turns.values()];
    for (const { turn } of running) turn.stop();
    const ended = Promise.all(running.map(({ done }) => done));
    await unlessStopped(ended, AbortSignal.timeout(this.#closePatienceMs));
  }

  /** The process that took it may have died before it wrote the id down, and the platform may bring the request again. */
  #know(id: string, { conversation, at }: ChatRequest): void {
    this.#seen.take(id, conversation.platform, at);
  }

  #begin(how: Beginning, id: string, request: ChatRequest, task?: TaskName, seed?: Seed): OpenTurn {
    const observer = this.#observer;
    const turn: OpenTurn = new OpenTurn(
      id,
      request,
      task,
      seed,
      observer && ((event) => observer.told(turn, event)),
    );
    observer?.began(turn, how);
    return turn;
  }

  /** From here on the process may die of the turn, until it is known to get on; of waiting for the model it does not. */
  async #tryAgain(turn: OpenTurn): Promise<void> {
    await this.#engine.for(turn);
    await this.#journal?.tryAgain(turn.id);
  }

  #open(turn: OpenTurn, decided: Route | Refusal, work: Promise<void>): Turn {
    const leave = this.#admission.enter(decided, turn.request);
    const done = work
      .catch((error: unknown) => this.#fail(turn, error))
      .finally(() => {
        leave();
        this.#turns.delete(turn.id);
      });
    this.#turns.set(turn.id, { turn, done });
    return turn;
  }

  async #carryOut(turn: OpenTurn, decided: Route | Refusal, surroundings: Surroundings): Promise<void> {
    switch (decided.kind) {
      case 'drop':
        turn.finish({ reason: 'aborted' });
        return;
      case 'refuse':
        turn.refuse(decided.code, decided.message);
        return;
      case 'control':
        await this.#controls.carryOut(turn, decided, surroundings);
        return;
      case 'task':
        await this.#inOrder.run(turn, () => this.#answers.answer(turn, decided, surroundings));
    }
  }

  /** Which task will answer, as far as is known before its turn has come. */
  #taskOf(decided: Route | Refusal, request: ChatRequest): TaskName | undefined {
    if (decided.kind === 'task') return decided.task;
    return decided.kind === 'control' ? this.#answers.taskOf(decided.control, request) : undefined;
  }

  #fail(turn: OpenTurn, error: unknown): void {
    const { code, message, unexpected } = explain(error);
    // That the engine could not start is told once, by whoever started it, and not by every turn.
    if (unexpected && !this.#engine.failed)
      this.#logger.error({ turn: turn.id, err: error }, 'the turn failed');
    else this.#logger.debug({ turn: turn.id, code }, 'refused');
    turn.fail(code, message);
  }
}
