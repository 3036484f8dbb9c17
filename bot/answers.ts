import type { Logger } from '../config/logger.ts';
import type { Engine, GenerateResult } from '../inference/engine/engine.ts';
import { newSeed, type RandomSource } from '../inference/engine/random.ts';
import { runTask } from '../inference/tasks/run.ts';
import type { TaskInput, TaskName } from '../inference/tasks/task.ts';
import type { RunOptions, TaskEvent } from '../inference/tasks/task-event.ts';
import type { Tasks } from '../inference/tasks/tasks.ts';
import type { Control } from './commands.ts';
import { type Conversations, conversationKey } from './conversation.ts';
import type { Fixed, FixedSeeds } from './fixed-seeds.ts';
import { gather, mostCharacters } from './gather.ts';
import type { Surroundings } from './ports.ts';
import { Recall, type RememberedTurn, type TaskRoute, type Writing } from './recall.ts';
import type { ChatRequest } from './request.ts';
import { readSeedOrder, seedReply } from './seed-order.ts';
import type { Draft, Piece, Turns } from './store/store.ts';
import { TextRoom } from './text-room.ts';
import type { OpenTurn } from './turn.ts';

export interface AnswersOptions {
  /** The engine as soon as it is there; undefined when the turn is stopped first. */
  readonly engine: (turn: OpenTurn) => Promise<Engine | undefined>;
  readonly logger: Logger;
  readonly tasks: Tasks;
  readonly conversations: Conversations;
  readonly seeds: FixedSeeds;
  readonly random: RandomSource;
  /** Learns what answers are written from, and how far they are; absent: none survives its process. */
  readonly journal?: Turns;
}

/** Eight texts of the longest kind, or any number of ordinary ones: as many as are usually answered at the same time. */
const ROOM_BYTES = 64 * 2 ** 20;

/** What is said beside an answer, or instead of one. */
const SAYS = {
  stopped: 'Stopped.',
  contextFull: 'The answer ends here: it has filled all that this model can keep in mind at once.',
  nothingToSummarize:
    'There is nothing to sum up yet. Write the text behind the command, or give a file or a message.',
  nothingToRepeat: 'There is no answer here yet that I could give again. Ask something first.',
  otherModel:
    'I was interrupted, and another model answers now, so this answer ends here. Ask again for a whole one.',
  tooLongToRepeat: 'That text was too long to keep in mind. Send it once more, please.',
  noChance: 'There is no chance in a choice: the same options would come out in the same order.',
  nothingToGoOnWith:
    'There is no text here yet to go on with. Begin one with its title or opening: /write The Old Lighthouse',
  seedUnclear:
    'A seed is a whole number from 0 to 4294967295: /seed 42, or /seed 42 next for one reply, or /seed off.',
} as const;

/** One run of a task for a turn. */
interface Run {
  readonly remembered: RememberedTurn;
  readonly input: TaskInput;
  readonly options: Pick<RunOptions, 'seed' | 'draw' | 'interrupted'>;
  /** Without what this run writes. */
  readonly writing: Omit<Writing, 'last'> | undefined;
  /** What its seed was taken from. */
  readonly fixed?: Fixed | undefined;
  /** It goes on from what is in the journal already. */
  readonly resumed?: true;
}

/** Lets tasks answer requests, tells what happens, and remembers what can be repeated or gone on with. */
export class Answers {
  readonly #options: AnswersOptions;
  readonly #recall = new Recall();
  readonly #room = new TextRoom(ROOM_BYTES);

  constructor(options: AnswersOptions) {
    this.#options = options;
  }

  /** The task that `again` or `more` will mean in a conversation, as far as is known now. */
  taskOf(control: Control, request: ChatRequest): TaskName | undefined {
    if (control === 'more') return this.#recall.writing(request, turnIn(request)) && 'write';
    return control === 'again' ? this.#recall.turn(request, turnIn(request))?.task : undefined;
  }

  async answer(turn: OpenTurn, route: TaskRoute, surroundings: Surroundings): Promise<void> {
    await this.#withText(turn, route, surroundings, (input) => this.#answer(turn, route, input));
  }

  async #answer(turn: OpenTurn, route: TaskRoute, input: TaskInput): Promise<void> {
    if (route.material.kind === 'talk' && input.text === '') {
      turn.fail('NOTHING_TO_SUMMARIZE', SAYS.nothingToSummarize);
      return;
    }
    const engine = await this.#engine(turn);
    if (!engine) return;
    const own = seedIn(turn.request);
    const fixed = own === undefined ? this.#options.seeds.of(turn.request) : undefined;
    const seed = own ?? fixed?.seed ?? turn.seed;
    const { text, written: before = '' } = input;
    await this.#run(turn, engine, {
      remembered: { id: turn.id, task: route.task, route },
      input,
      options: seed === undefined ? {} : { seed },
      writing: route.task === 'write' ? { opening: text.trim(), before } : undefined,
      fixed,
    });
  }

  /** The same request once more, with another seed. */
  async again(turn: OpenTurn, surroundings: Surroundings): Promise<void> {
    const last = this.#recall.turn(turn.request, turnIn(turn.request));
    if (!last) {
      turn.refuse('NOTHING_BEFORE', SAYS.nothingToRepeat);
      return;
    }
    if (last.task === 'choose') {
      turn.refuse('NOTHING_TO_DRAW', SAYS.noChance);
      return;
    }
    const engine = await this.#engine(turn);
    if (!engine) return;
    const { task, route, prompt, model, writing } = last;
    const interrupted = prompt && model === engine.model.name ? { prompt, ...NOTHING_SHOWN } : undefined;
    if (!interrupted && !route) {
      turn.refuse('TOO_LONG_TO_REPEAT', SAYS.tooLongToRepeat);
      return;
    }
    const fixed = this.#options.seeds.of(turn.request);
    // A seed that is fixed for every reply is the one that the last answer had.
    const seed = fixed?.next ? fixed.seed : (turn.seed ?? newSeed(this.#options.random));
    const run = (input: TaskInput) =>
      this.#run(turn, engine, {
        remembered: { id: turn.id, task, ...(route && { route }) },
        input,
        options: { seed, draw: true, ...(interrupted && { interrupted }) },
        writing,
        fixed,
      });
    if (interrupted || !route) await run(NO_INPUT);
    else await this.#withText(turn, route, surroundings, run);
  }

  /** Goes on with the text that was written last. */
  async more(turn: OpenTurn, surroundings: Surroundings): Promise<void> {
    const writing = this.#recall.writing(turn.request, turnIn(turn.request));
    if (!writing) {
      turn.refuse('NOTHING_BEFORE', SAYS.nothingToGoOnWith);
      return;
    }
    const options = { written: `${writing.before}${writing.last}` };
    const route = {
      kind: 'task',
      task: 'write',
      text: writing.opening,
      material: { kind: 'none' },
      options,
    } as const;
    await this.answer(turn, route, surroundings);
  }

  /**
   * Goes on with an answer that an earlier process began, and of which the turn has told the text.
   *
   * @param anew whether the request says all that it takes to begin anew: what repeats or goes on with another answer does not.
   * @returns false when another model answers now: it can only begin anew, and nothing was written that forbids it.
   */
  async goOn(turn: OpenTurn, draft: Draft, soFar: Piece, anew: boolean): Promise<boolean> {
    const engine = await this.#engine(turn);
    if (!engine) return true;
    const { task, prompt, seed, model, notes, writing } = draft;
    if (model !== engine.model.name) {
      if (soFar.text === '' && anew) return false;
      turn.fail('MODEL_CHANGED', SAYS.otherModel);
      return true;
    }
    for (const text of notes) turn.tell({ type: 'notice', text });
    await this.#run(turn, engine, {
      remembered: { id: turn.id, task, ...(prompt.steps === undefined && { prompt, model }) },
      input: NO_INPUT,
      options: { seed, interrupted: { prompt, ...soFar } },
      writing,
      resumed: true,
    });
    return true;
  }

  seed(turn: OpenTurn, typed: string): void {
    const order = readSeedOrder(typed);
    if (!order) {
      turn.refuse('SEED_UNCLEAR', SAYS.seedUnclear);
      return;
    }
    const { seeds } = this.#options;
    const fixed = seeds.of(turn.request);
    const last = this.#recall.seed(turn.request);
    const state = { ...(fixed && { fixed }), ...(last !== undefined && { last }) };
    const reply = seedReply(order, state);
    if (order.kind === 'off') seeds.fix(turn.request, undefined);
    if (order.kind === 'fix') {
      const { seed, next } = order;
      seeds.fix(turn.request, { seed, next });
    }
    turn.say(reply);
  }

  forget(conversation: ChatRequest['conversation']): void {
    this.#recall.forget(conversation);
  }

  /** Forgets what a person has asked, wherever it was. */
  async forgetAsker(person: string): Promise<void> {
    this.#recall.forgetAsker(person);
    await this.#options.seeds.forget(person);
  }

  /** Gathers what a task works on as soon as there is room for it, and keeps the room as long as the work takes. */
  async #withText(
    turn: OpenTurn,
    route: TaskRoute,
    surroundings: Surroundings,
    work: (input: TaskInput) => Promise<void>,
  ): Promise<void> {
    const room = await this.#room.take(mostCharacters(route.material), turn.signal);
    if (!room) {
      stopped(turn);
      return;
    }
    try {
      const input = await gather(route, turn.request, this.#options.conversations, surroundings);
      room.keepOnly(input.text.length + (input.context?.length ?? 0));
      await work(input);
    } finally {
      room.keepOnly(0);
    }
  }

  /** Undefined when the turn was stopped before it was there; then the turn is over. */
  async #engine(turn: OpenTurn): Promise<Engine | undefined> {
    const engine = await this.#options.engine(turn);
    if (engine && !turn.signal.aborted) return engine;
    stopped(turn);
    return undefined;
  }

  async #run(turn: OpenTurn, engine: Engine, run: Run): Promise<void> {
    const { request, signal } = turn;
    const { input, options, writing, resumed } = run;
    const { journal, seeds } = this.#options;
    const notes: string[] = [];
    let { remembered, fixed } = run;
    const useUp = () => {
      if (fixed) seeds.useUp(request, fixed);
      fixed = undefined;
    };
    const { task } = remembered;
    const conversation = conversationKey(request.conversation);
    this.#recall.remember(request, remembered);
    const events = runTask(this.#options.tasks[task], input, engine, { ...options, conversation }, signal);
    let gotOn = false;
    for await (const event of events) {
      if (!gotOn && GETS_ON.has(event.type)) {
        gotOn = true;
        // Waiting, writing, or done: whatever ends the process from here on, it is not the way to here.
        await journal?.gotOn(turn.id);
      }
      switch (event.type) {
        case 'prompt': {
          const { type: _, seed, ...whole } = event;
          const { steps, ...prompt } = whole;
          const model = engine.model.name;
          if (steps === undefined) remembered = { ...remembered, prompt, model };
          if (seed !== undefined && !(resumed && seed === options.seed)) {
            const draft = { task, prompt: whole, seed, model, notes: [...notes] };
            await journal?.draft(turn.id, { ...draft, ...(writing && { writing }) });
            // Not before: a process that went on without knowing the seed would draw another.
            useUp();
          }
          this.#recall.remember(request, remembered);
          if (event.note !== undefined) turn.tell({ type: 'notice', text: event.note });
          break;
        }
        case 'note':
          notes.push(event.text);
          turn.tell({ type: 'notice', text: event.text });
          break;
        case 'progress':
          turn.tell({ type: 'progress', text: event.text });
          break;
        case 'queued':
          turn.tell(event);
          break;
        case 'delta': {
          const { text, tokens, written } = event;
          await journal?.write(turn.id, { text, tokens, written });
          turn.tell({ type: 'delta', text });
          break;
        }
        case 'final':
          // Some tasks have no draft.
          useUp();
          if (writing) {
            const { opening, before } = writing;
            this.#recall.remember(request, {
              ...remembered,
              writing: { opening, before, last: event.written },
            });
          }
          this.#recall.tellSeed(request, event.result.seed);
          this.#finish(turn, task, event.text, event.result);
      }
    }
  }

  #finish(turn: OpenTurn, task: TaskName, text: string, result: GenerateResult): void {
    const { options: _, ...figures } = result;
    this.#options.logger.debug({ turn: turn.id, task, ...figures }, 'answered');
    if (result.reason === 'aborted') turn.tell({ type: 'notice', text: SAYS.stopped });
    else if (text !== '' && result.contextFull) turn.tell({ type: 'notice', text: SAYS.contextFull });
    turn.finish({ reason: result.reason, result });
  }
}

/** What a turn that kills its process never comes to. */
const GETS_ON: ReadonlySet<TaskEvent['type']> = new Set(['queued', 'delta', 'final']);

const NO_INPUT: TaskInput = { text: '' };
const NOTHING_SHOWN = { text: '', tokens: [], written: '' } as const;

/** Ends a turn that was stopped before the model had begun. */
export function stopped(turn: OpenTurn): void {
  turn.tell({ type: 'notice', text: SAYS.stopped });
  turn.finish({ reason: 'aborted' });
}

/** A seed that came with the request itself, for it alone. */
function seedIn({ options }: ChatRequest): number | undefined {
  return typeof options.seed === 'number' ? options.seed : undefined;
}

/** The other turn that a button or an option names. */
function turnIn({ options }: ChatRequest): string | undefined {
  return typeof options.turn === 'string' ? options.turn : undefined;
}
