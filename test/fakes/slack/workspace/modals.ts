import type { TestClock } from '../clock.ts';
import type { Identifiers } from '../identifiers.ts';
import type { JsonObject } from '../json.ts';
import type { UserRecord } from './records.ts';

/** A trigger opens one modal within three seconds. */
const TRIGGER_LIFETIME_MS = 3_000;

export interface Modal {
  readonly id: string;
  readonly view: JsonObject;
  readonly hash: string;
}

export type ModalRefusal = 'expired_trigger_id' | 'exchanged_trigger_id' | 'invalid_trigger_id';

/** The forms that apps open over what people look at. */
export class Modals {
  readonly #ids: Identifiers;
  readonly #clock: TestClock;
  readonly #triggers = new Map<string, { readonly user: UserRecord; readonly at: number; used: boolean }>();
  readonly #open = new Map<string, Modal>();

  constructor(ids: Identifiers, clock: TestClock) {
    this.#ids = ids;
    this.#clock = clock;
  }

  /** What a command, a shortcut or a button brings along, and which opens a modal for that person. */
  issueTrigger(user: UserRecord): string {
    const id = `${this.#clock.now()}.${this.#ids.characters(8)}.${this.#ids.uuid().replaceAll('-', '')}`;
    this.#triggers.set(id, { user, at: this.#clock.now(), used: false });
    return id;
  }

  open(trigger: string, view: JsonObject): Modal | ModalRefusal {
    const issued = this.#triggers.get(trigger);
    if (issued === undefined) return 'invalid_trigger_id';
    if (issued.used) return 'exchanged_trigger_id';
    if (this.#clock.now() - issued.at > TRIGGER_LIFETIME_MS) return 'expired_trigger_id';
    issued.used = true;
    const modal = { id: this.#ids.id('V'), view, hash: this.#ids.characters(16) };
    this.#open.set(issued.user.id, modal);
    return modal;
  }

  /** What this person has open. */
  of(user: string): Modal | undefined {
    return this.#open.get(user);
  }

  close(user: string): void {
    this.#open.delete(user);
  }
}
