import type { Logger } from '../config/logger.ts';
import { WEIGHTS } from '../inference/model/hub/checkpoint-plan.ts';
import type { ModelEvent } from '../inference/models.ts';
import { describeProgress, duration, ProgressPace, progressBar } from './model-progress.ts';

/** Where a person sits and sees what is said. */
export interface NewsBoard {
  /** A line that stays. */
  say(line: string): void;
  /** A line that changes in place, made to fit into so many columns; undefined takes it away. Absent on paper. */
  status?(line: ((columns: number) => string) | undefined): void;
}

/** A person reads no faster, and what they type should not flicker. */
const STATUS_EVERY_MS = 1000;

export type TellNews = (event: ModelEvent) => void;

/** Tells a person at a terminal what becomes of the model: a bar while it is fetched, a line when something changed. */
export function newsForPerson(board: NewsBoard, clock: () => number): TellNews {
  const pace = new ProgressPace(clock);
  let said: string | undefined;
  let shownAt = Number.NEGATIVE_INFINITY;
  const show = (line: (columns: number) => string) => {
    shownAt = clock();
    board.status?.(line);
  };
  return (event) => {
    switch (event.type) {
      case 'fetching': {
        const { model, meanwhile, progress } = event;
        if (said !== model) board.say(beginning(model, meanwhile));
        said = model;
        if (progress.file !== WEIGHTS) return;
        if (!board.status) {
          if (pace.isDue(progress)) board.say(`${model}: ${describeProgress(progress)}`);
        } else if (clock() - shownAt >= STATUS_EVERY_MS) {
          show((columns) => progressBar(progress, model, columns));
        }
        return;
      }
      case 'retrying': {
        const line = `${event.model}: ${retry(event)}`;
        show((columns) => line.slice(0, columns));
        return;
      }
      case 'compiling':
        show((columns) => `${event.model} is being prepared; this is done once …`.slice(0, columns));
        return;
      case 'started':
        board.status?.(undefined);
        if (said !== undefined) board.say(`${event.model.name} is ready.`);
        said = undefined;
        return;
      case 'switched':
        board.status?.(undefined);
        board.say(`From now on ${event.model.name} answers.`);
        said = undefined;
        return;
      case 'kept':
        board.status?.(undefined);
        board.say(keptLine(event));
        said = undefined;
    }
  };
}

/** The same for a log: a plain line now and then. */
export function newsForLog(logger: Logger, clock: () => number): TellNews {
  const pace = new ProgressPace(clock);
  return (event) => {
    switch (event.type) {
      case 'fetching':
        if (event.progress.file !== WEIGHTS || !pace.isDue(event.progress)) return;
        logger.info({ model: event.model }, `fetching: ${describeProgress(event.progress)}`);
        return;
      case 'retrying':
        logger.info({ model: event.model }, retry(event));
        return;
      case 'compiling':
        logger.info({ model: event.model }, 'preparing the model; this is done once');
        return;
      case 'started':
        return;
      case 'switched':
        logger.info({ model: event.model.name }, 'this model answers from now on');
        return;
      case 'kept':
        logger.warn({ model: event.model, running: event.running, code: event.error.code }, keptLine(event));
    }
  };
}

function beginning(model: string, meanwhile: string | undefined): string {
  return meanwhile === undefined
    ? `${model} is being fetched; the first answer waits for it.`
    : `${model} is being fetched; until it is there, ${called(meanwhile)} answers.`;
}

function retry({ why, waitMs }: Extract<ModelEvent, { type: 'retrying' }>): string {
  return `trying again in ${duration(waitMs / 1000)}: ${why}`;
}

/** Calm: nothing is lost, and what to do about it can wait. */
function keptLine({ model, running, error }: Extract<ModelEvent, { type: 'kept' }>): string {
  return `${model} is not to be had for now, so ${called(running)} goes on answering. ${error.message}`;
}

/** What people call it in a sentence. */
export function called(model: string): string {
  return model === 'starter' ? 'the small starter model' : model;
}
