import { webcrypto } from 'node:crypto';
import type { Logger } from '../config/logger.ts';
import type { Engine, Seed } from '../inference/engine/engine.ts';
import { newSeed, type RandomSource } from '../inference/engine/random.ts';
import type { TaskName } from '../inference/tasks/task.ts';
import { type Tasks, tasks as usualTasks } from '../inference/tasks/tasks.ts';
import { Admission, type Refusal } from './admission.ts';
import { Answers, stopped } from './answers.ts';
import { type Clock, systemClock } from './clock.ts';
import { Conversations, conversationKey } from './conversation.ts';
import { type CrowdLimits, inWords } from './crowd.ts';
import { explain } from './failure.ts';
import { FixedSeeds } from './fixed-seeds.ts';
import { Forgetting, type KeptData } from './forgetting.ts';
import type { Gate } from './gate.ts';
import { asTable, help } from './help.ts';
import type { ModelCommand } from './model-command.ts';
import type { Beginning, TurnObserver } from './observability/turn-observer.ts';
import type { Surroundings } from './ports.ts';
import type { ChatRequest } from './request.ts';
import { type Route, route } from './router.ts';
import { LASTING_IDS, SeenRequests } from './seen-requests.ts';
import { STATUS_WHILE_SILENT, status, statusWhileLoading } from './status.ts';
import type { Turns, UnfinishedTurn } from './store/store.ts';
import { OpenTurn, type Turn, turnIdOf } from './turn.ts';
import { TurnOrder } from './turn-order.ts';
import { unlessStopped } from './unless-stopped.ts';

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

const LIMITS: BotLimits = {
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

/** What the bot says beside an answer. */
const SAYS = {
  fixedModel: 'The model cannot be changed here.',
  interrupted:
    'I was interrupted, and it has been too long since to go on, so this answer ends here. Ask again for a whole one.',
  fatal:
    'I broke off at this request several times, so I do not try it again. Ask in other words, or with less text.',
} as const;

/** Between requests and their replies: decides, gathers, lets a task run, and tells what happens as plain data. */
export class Bot {
  readonly #engine: Promise<Engine>;
  readonly #logger: Logger;
  readonly #models: ModelCommand | undefined;
  readonly #seen: SeenRequests;
  readonly #journal: Turns | undefined;
  readonly #observer: TurnObserver | undefined;
  readonly #random: RandomSource;
  readonly #order: TurnOrder;
  readonly #admission: Admission;
  readonly #statusPatienceMs: number;
  readonly #closePatienceMs: number;
  readonly #forgetting: Forgetting;
  readonly #answers: Answers;
  readonly #turns = new Map<string, { readonly turn: OpenTurn; readonly done: Promise<void> }>();
  #loaded: Engine | undefined;
  #failedToLoad = false;

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
    const { waitingPerConversation, statusPatienceMs, closePatienceMs, ...crowd } = { ...LIMITS, ...limits };
    this.#admission = new Admission(gate, crowd, clock);
    this.#statusPatienceMs = statusPatienceMs;
    this.#closePatienceMs = closePatienceMs;
    this.#engine = engine;
    this.#logger = logger;
    this.#models = models;
    this.#seen = seen ?? new SeenRequests();
    this.#journal = journal;
    this.#observer = observer;
    this.#random = random;
    this.#order = new TurnOrder(waitingPerConversation);
    this.#answers = new Answers({
      engine: (turn) => this.#awaited(turn),
      logger,
      tasks,
      conversations,
      seeds,
      random,
      ...(journal && { journal }),
    });
    this.#forgetting = new Forgetting({ conversations, answers: this.#answers, kept, logger });
    engine.then(
      (loaded) => {
        this.#loaded = loaded;
      },
      () => {
        this.#failedToLoad = true;
      },
    );
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
    const decided = route(request, { duplicate: false, own: false });
    const task = draft?.task ?? this.#taskOf(decided, request);
    const turn = this.#begin('taken up', id, request, task, seed);
    if (!draft && decided.kind !== 'task')
      return this.#open(turn, decided, this.#carryOut(turn, decided, surroundings));
    // At once: what people can read already must not be taken back while the turn waits.
    if (soFar.text !== '') turn.tell({ type: 'delta', text: soFar.text });
    const goOn = async () => {
      await this.#tryAgain(turn);
      const wentOn = draft !== undefined && (await this.#answers.goOn(turn, draft, soFar));
      if (!wentOn && decided.kind === 'task') await this.#answers.answer(turn, decided, surroundings);
    };
    return this.#open(turn, decided, this.#inOrder(turn, goOn));
  }

  /**
   * Ends a turn that an earlier process did not finish: with what was written, and one line that says why.
   *
   * @param why it is too late to go on with it, or processes died of it.
   */
  giveUp(unfinished: UnfinishedTurn, why: 'late' | 'fatal'): Turn {
    const { id, request, draft, soFar } = unfinished;
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
    await this.#awaited(turn);
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
        switch (decided.control) {
          case 'help':
            turn.say(help(turn.request.conversation.platform, surroundings.commandName?.bind(surroundings)));
            return;
          case 'status':
            turn.say(asTable(await this.#status(turn), turn.request.conversation.platform));
            return;
          case 'model':
            await this.#model(turn, decided.text ?? '');
            return;
          case 'reset':
            await this.#inOrder(turn, async () => this.#forgetting.reset(turn));
            return;
          case 'forget':
            await this.#inOrder(turn, () => this.#forgetting.person(turn));
            return;
          case 'privacy':
            this.#forgetting.tell(turn);
            return;
          case 'again':
            await this.#inOrder(turn, () => this.#answers.again(turn, surroundings));
            return;
          case 'more':
            await this.#inOrder(turn, () => this.#answers.more(turn, surroundings));
            return;
          case 'seed':
            await this.#inOrder(turn, async () => this.#answers.seed(turn, decided.text ?? ''));
            return;
        }
        return;
      case 'task':
        await this.#inOrder(turn, () => this.#answers.answer(turn, decided, surroundings));
    }
  }

  /** Waits until earlier requests of the conversation are answered. */
  async #inOrder(turn: OpenTurn, work: () => Promise<void>): Promise<void> {
    const place = this.#order.enter(conversationKey(turn.request.conversation));
    if (!place) {
      turn.refuse('TOO_MANY_WAITING', this.#crowded());
      return;
    }
    try {
      if (place.waits) turn.tell({ type: 'waiting', for: 'turn' });
      await unlessStopped(place.turn, turn.signal);
      if (turn.signal.aborted) stopped(turn);
      else await work();
    } finally {
      place.leave();
    }
  }

  #crowded(): string {
    const waiting = this.#order.longest + 1;
    const wait = inWords(waiting * this.#admission.crowd.turnMs);
    return `${waiting} requests are waiting in this conversation already. Ask again in ${wait}.`;
  }

  /** Which task will answer, as far as is known before its turn has come. */
  #taskOf(decided: Route | Refusal, request: ChatRequest): TaskName | undefined {
    if (decided.kind === 'task') return decided.task;
    return decided.kind === 'control' ? this.#answers.taskOf(decided.control, request) : undefined;
  }

  /** The engine as soon as it is there; undefined when the turn is stopped first. */
  async #awaited(turn: OpenTurn): Promise<Engine | undefined> {
    if (!this.#loaded && !this.#failedToLoad) turn.tell({ type: 'waiting', for: 'model' });
    return unlessStopped(this.#engine, turn.signal);
  }

  #fail(turn: OpenTurn, error: unknown): void {
    const { code, message, unexpected } = explain(error);
    // That the engine could not start is told once, by whoever started it, and not by every turn.
    if (unexpected && !this.#failedToLoad)
      this.#logger.error({ turn: turn.id, err: error }, 'the turn failed');
    else this.#logger.debug({ turn: turn.id, code }, 'refused');
    turn.fail(code, message);
  }

  async #status(turn: OpenTurn): Promise<string> {
    if (!this.#loaded && !this.#failedToLoad) turn.tell({ type: 'waiting', for: 'model' });
    const patience = () => AbortSignal.any([turn.signal, AbortSignal.timeout(this.#statusPatienceMs)]);
    const engine = await unlessStopped(this.#engine, patience());
    const { upcoming } = this.#models ?? {};
    if (!engine) return statusWhileLoading(upcoming);
    const stats = await unlessStopped(engine.stats(), patience());
    return stats ? status(stats, upcoming) : STATUS_WHILE_SILENT;
  }

  async #model(turn: OpenTurn, typed: string): Promise<void> {
    const models = this.#models;
    if (!models) turn.fail('NO_MODELS', SAYS.fixedModel);
    else if (typed.trim() === '') turn.say(await models.show(this.#loaded?.model));
    else {
      if (!this.#loaded && !this.#failedToLoad) turn.tell({ type: 'waiting', for: 'model' });
      await unlessStopped(this.#engine, turn.signal);
      if (turn.signal.aborted) {
        stopped(turn);
        return;
      }
      const answer = await models.change(typed, turn.signal);
      if ('code' in answer) turn.fail(answer.code, answer.message);
      else turn.say(answer.text);
    }
  }
}
