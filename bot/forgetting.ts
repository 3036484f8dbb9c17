import type { Logger } from '../config/logger.ts';
import type { Answers } from './answers.ts';
import type { Conversations } from './conversation.ts';
import { type KeptDays, privacy } from './kept-data.ts';
import { askerOf } from './person.ts';
import type { ChatRequest } from './request.ts';
import type { Person } from './store/store.ts';
import { StoreError } from './store/store-error.ts';
import type { OpenTurn } from './turn.ts';

/** What is kept about people, beside all that the bot itself remembers. */
export interface KeptData {
  /** How long things are kept, for people who ask. */
  readonly days: KeptDays;
  /** Erases what is kept about a person. @throws StoreError when that cannot be. */
  readonly erase: (person: Person) => Promise<void>;
}

export interface ForgettingOptions {
  readonly conversations: Conversations;
  readonly answers: Answers;
  /** Absent: nothing is kept. */
  readonly kept: KeptData | undefined;
  readonly logger: Logger;
}

const SAYS = {
  reset: 'Forgotten. We start afresh.',
  erased:
    'Erased: your 👍 and 👎, seeds that you fixed, and what was kept of answers to you. We start afresh here. What you wrote stays on this platform until you delete it there.',
  notErased:
    'I have forgotten what I had in mind of you, but what is stored cannot be erased now: the disk does not take it, or another program holds it. Try again later, or tell whoever runs me; the log says more.',
} as const;

/** What people can have forgotten, and what they are told about what is kept. */
export class Forgetting {
  readonly #options: ForgettingOptions;

  constructor(options: ForgettingOptions) {
    this.#options = options;
  }

  /** A conversation, from here on. */
  reset(turn: OpenTurn): void {
    this.#forgetConversation(turn.request);
    turn.say(SAYS.reset);
  }

  /** The conversation, and the person who asks. */
  async person(turn: OpenTurn): Promise<void> {
    const { kept, answers, logger } = this.#options;
    const person = askerOf(turn.request);
    this.#forgetConversation(turn.request);
    // What they have fixed is known by what is erased then.
    await answers.forgetAsker(person);
    try {
      await kept?.erase(person);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      logger.warn({ turn: turn.id, code: error.code, reason: error.message }, 'not everything was erased');
      turn.fail('NOT_ERASED', SAYS.notErased);
      return;
    }
    turn.say(kept ? SAYS.erased : SAYS.reset);
  }

  tell(turn: OpenTurn): void {
    turn.say(privacy(turn.request.conversation.platform, this.#options.kept?.days));
  }

  #forgetConversation({ conversation, talk, repliedTo, at }: ChatRequest): void {
    const { conversations, answers } = this.#options;
    // Who does not go on with an answer means all that is said here, and no chain of replies.
    const forgotten = repliedTo?.own ? conversation : (talk ?? conversation);
    conversations.reset(forgotten, at);
    answers.forget(forgotten);
  }
}
