import type { Controls } from '../ports.ts';
import type { MessageRef } from '../request.ts';
import type { PostedMessage } from '../store/store.ts';
import type { Frame } from './reply-view.ts';

/** A posted message, as the platform shows it. */
export interface ShownMessage {
  readonly ref: MessageRef;
  readonly text: string;
  /** A call went wrong in a way that leaves open whether it has arrived, and so which text is shown. */
  readonly doubtful: boolean;
  readonly controls: Controls['state'];
  /** How much of the answer can be read up to here. */
  readonly shows: number;
  /** Takes no edits any more. */
  readonly fixed: boolean;
}

/** What the platform shows of a reply, in order. */
export class ShownMessages {
  readonly #messages: ShownMessage[];
  readonly #abandoned: MessageRef[] = [];
  /** What the next message may have been posted with already, by calls that went wrong. */
  #attempts: Frame[] = [];

  /** @param earlier what an earlier process posted; which texts it had shown there by the end nobody knows. */
  constructor(earlier: readonly PostedMessage[] = []) {
    this.#messages = earlier.map(({ message, shows }) => ({
      ref: message,
      text: '',
      doubtful: true,
      controls: 'running',
      shows,
      fixed: false,
    }));
  }

  /** All that were posted. */
  get refs(): readonly MessageRef[] {
    return [...this.#abandoned, ...this.#messages.map(({ ref }) => ref)];
  }

  at(index: number): ShownMessage | undefined {
    return this.#messages[index];
  }

  /** The first message that is not yet shown as it ought to be; undefined when all are. */
  firstUnlike(frames: readonly Frame[]): number | undefined {
    const index = frames.findIndex((frame, at) => {
      const shown = this.#messages[at];
      if (!shown) return true;
      const like = shown.text === frame.text && shown.controls === frame.controls.state && !shown.doubtful;
      return !like && !shown.fixed;
    });
    return index < 0 ? undefined : index;
  }

  /** Part of the answer can be read in that message. */
  showsText(index: number): boolean {
    return (this.#messages[index]?.shows ?? 0) > (this.#messages[index - 1]?.shows ?? 0);
  }

  posted(index: number, ref: MessageRef, frame: Frame): void {
    // A platform that knows the message already leaves it as it was posted first.
    const doubtful = this.#attempts.some((attempt) => !alike(attempt, frame));
    this.#attempts = [];
    this.#set(index, ref, frame, doubtful);
  }

  edited(index: number, ref: MessageRef, frame: Frame): void {
    this.#set(index, ref, frame, false);
  }

  /** Nobody knows whether the call has arrived. */
  doubt(index: number, frame: Frame): void {
    if (this.#messages[index]) this.#change(index, { doubtful: true });
    else this.#attempts.push(frame);
  }

  /** It stays as it is. */
  fix(index: number): void {
    this.#change(index, { fixed: true });
  }

  /** It stays as it is, and is no part of the answer. */
  abandon(index: number): void {
    for (const { ref } of this.#messages.splice(index, 1)) this.#abandoned.push(ref);
  }

  #set(index: number, ref: MessageRef, { text, controls, shows }: Frame, doubtful: boolean): void {
    this.#messages[index] = { ref, text, controls: controls.state, shows, doubtful, fixed: false };
  }

  #change(index: number, change: Partial<ShownMessage>): void {
    const message = this.#messages[index];
    if (message) this.#messages[index] = { ...message, ...change };
  }
}

function alike(one: Frame, other: Frame): boolean {
  return one.text === other.text && one.controls.state === other.controls.state;
}
