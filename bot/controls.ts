import { type Answers, stopped } from './answers.ts';
import type { AwaitedEngine } from './awaited-engine.ts';
import type { Forgetting } from './forgetting.ts';
import { asTable, help } from './help.ts';
import type { ModelCommand } from './model-command.ts';
import type { Surroundings } from './ports.ts';
import type { Route } from './router.ts';
import { STATUS_WHILE_SILENT, status, statusWhileLoading } from './status.ts';
import type { OpenTurn } from './turn.ts';
import type { TurnsInOrder } from './turns-in-order.ts';
import { unlessStopped } from './unless-stopped.ts';

export interface ControlsParts {
  readonly engine: AwaitedEngine;
  readonly answers: Answers;
  readonly forgetting: Forgetting;
  readonly inOrder: TurnsInOrder;
  /** Absent: the model is what it is. */
  readonly models: ModelCommand | undefined;
  /** How long `/status` waits for a model that is still being loaded, or says nothing. */
  readonly statusPatienceMs: number;
}

const FIXED_MODEL = 'The model cannot be changed here.';

/** Carries out what is asked of the bot itself and not of the model. */
export class Controls {
  readonly #parts: ControlsParts;

  constructor(parts: ControlsParts) {
    this.#parts = parts;
  }

  async carryOut(
    turn: OpenTurn,
    decided: Extract<Route, { kind: 'control' }>,
    surroundings: Surroundings,
  ): Promise<void> {
    const { answers, forgetting, inOrder } = this.#parts;
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
        await inOrder.run(turn, async () => forgetting.reset(turn));
        return;
      case 'forget':
        await inOrder.run(turn, () => forgetting.person(turn));
        return;
      case 'privacy':
        forgetting.tell(turn);
        return;
      case 'again':
        await inOrder.run(turn, () => answers.again(turn, surroundings));
        return;
      case 'more':
        await inOrder.run(turn, () => answers.more(turn, surroundings));
        return;
      case 'seed':
        await inOrder.run(turn, async () => answers.seed(turn, decided.text ?? ''));
        return;
    }
  }

  async #status(turn: OpenTurn): Promise<string> {
    const { models, statusPatienceMs } = this.#parts;
    const patience = () => AbortSignal.any([turn.signal, AbortSignal.timeout(statusPatienceMs)]);
    const engine = await this.#parts.engine.for(turn, patience());
    const { upcoming } = models ?? {};
    if (!engine) return statusWhileLoading(upcoming);
    const stats = await unlessStopped(engine.stats(), patience());
    return stats ? status(stats, upcoming) : STATUS_WHILE_SILENT;
  }

  async #model(turn: OpenTurn, typed: string): Promise<void> {
    const { engine, models } = this.#parts;
    if (!models) turn.fail('NO_MODELS', FIXED_MODEL);
    else if (typed.trim() === '') turn.say(await models.show(engine.loaded?.model));
    else {
      await engine.for(turn);
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
