import type { ButtonPress, PressAnswer } from './buttons.ts';
import { personKey } from './person.ts';
import type { Feedback } from './store/store.ts';

const SAYS = {
  good: 'Thank you. It is noted as a good answer.',
  bad: 'Thank you. It is noted as a bad answer.',
  notKept: 'Thank you, but opinions are not kept here.',
} as const;

/** Takes what people think of answers, by the buttons 👍 and 👎; pressed again, the later one counts. */
export class Opinions {
  readonly #feedback: Feedback | undefined;

  /** @param feedback absent: none is kept. */
  constructor(feedback?: Feedback) {
    this.#feedback = feedback;
  }

  /** Undefined for other buttons. */
  async take({ action, turn, by, where, at }: ButtonPress): Promise<PressAnswer | undefined> {
    if (action !== 'good' && action !== 'bad') return undefined;
    if (!this.#feedback) return { note: SAYS.notKept };
    const person = personKey(where.conversation.platform, by);
    await this.#feedback.put({ turn, verdict: action, person, at });
    return { note: SAYS[action] };
  }
}
