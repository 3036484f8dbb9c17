import type { Controls } from './ports.ts';
import type { Author, Origin, ReplyTarget } from './request.ts';

export type ButtonAction = 'stop' | 'again' | 'more' | 'good' | 'bad';

export interface Button {
  readonly action: ButtonAction;
  readonly label: string;
  /** What it does, where a platform has room for it (a tooltip, a screen reader). */
  readonly description: string;
}

const BUTTONS: Readonly<Record<ButtonAction, Button>> = {
  stop: { action: 'stop', label: 'Stop', description: 'End the answer here.' },
  again: { action: 'again', label: 'Again', description: 'Answer once more, with another seed.' },
  more: { action: 'more', label: 'More', description: 'Go on where the answer ends.' },
  good: { action: 'good', label: '👍', description: 'A good answer.' },
  bad: { action: 'bad', label: '👎', description: 'A bad answer.' },
};

const UNDER: Readonly<Record<Controls['state'], readonly ButtonAction[]>> = {
  none: [],
  running: ['stop'],
  done: ['again', 'more', 'good', 'bad'],
};

/** The buttons under a message, in their order: the same on every platform. */
export function buttonsUnder(controls: Controls): readonly Button[] {
  return UNDER[controls.state].map((action) => BUTTONS[action]);
}

/** A button's id on the wire: at most 100 characters (Discord's limit) for turn ids of up to 94. */
export function buttonId(action: ButtonAction, turn: string): string {
  return `${action}:${turn}`;
}

/** What a button's id says; undefined when it is none of ours. */
export function readButtonId(
  id: string,
): { readonly action: ButtonAction; readonly turn: string } | undefined {
  const [, action = '', turn = ''] = /^([a-z]+):(.+)$/su.exec(id) ?? [];
  return Object.hasOwn(BUTTONS, action) ? { action: action as ButtonAction, turn } : undefined;
}

/** Somebody pressed a button under a reply. */
export interface ButtonPress {
  /** The platform's id of the press: the same press never works twice. */
  readonly id: string;
  readonly action: ButtonAction;
  readonly turn: string;
  readonly by: Author;
  /** May decide about other people's messages there. */
  readonly moderator: boolean;
  /** Absent: nobody is kept out. */
  readonly origin?: Origin;
  /** Where a new reply goes (Again, More). */
  readonly where: ReplyTarget;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** What the person who pressed is told, where only they see it; absent: nothing, the effect is seen. */
export interface PressAnswer {
  readonly note?: string;
}
