import { pressableElements } from '../text/blocks.ts';
import type { FakeChannel } from './fake-channel.ts';
import type { SeenMessage, SeenVersion } from './seen-message.ts';

/** Something that a person did, which no message shows: a command typed, a button pressed. */
export interface Deed {
  /** Milliseconds since the epoch, on the fake's clock. */
  readonly at: number;
  readonly text: string;
}

const VERBS: Readonly<Record<SeenVersion['how'], string>> = {
  posted: '',
  updated: ' (edits)',
  appended: ' (goes on)',
  stopped: ' (ends)',
  replaced: ' (edits)',
  edited: ' (edits)',
};

interface Line {
  readonly at: number;
  readonly text: string;
}

/** What one person saw happen in a conversation, state by state, with seconds since the first. */
export function transcript(channel: FakeChannel, seenBy: string, deeds: readonly Deed[] = []): string {
  const lines: Line[] = [
    ...channel.messages({ seenBy }).flatMap((message) => linesOf(message)),
    ...deeds.map(({ at, text }) => ({ at, text })),
  ];
  lines.sort((one, other) => one.at - other.at);
  const start = lines[0]?.at ?? 0;
  return lines
    .map(({ at, text }) => `${((at - start) / 1000).toFixed(2).padStart(8)} s  ${indented(text)}`)
    .join('\n');
}

function linesOf(message: SeenMessage): Line[] {
  const place = message.threadTs === undefined || message.threadTs === message.ts ? '' : ' in the thread';
  const files = message.files.map((name) => ` [${name}]`).join('');
  const only = message.ephemeralFor === undefined ? '' : ` (only ${message.ephemeralFor} sees this)`;
  return message.versions.flatMap((version) => {
    // A stream begins without words.
    if (version.read === '' && version.blocks.length === 0) return [];
    const buttons = buttonsOf(version);
    const below = buttons.length > 0 ? `\n${buttons.map((label) => `[${label}]`).join(' ')}` : '';
    return [
      {
        at: version.at,
        text: `${message.author}${place}${VERBS[version.how]}: ${version.read}${files}${only}${below}`,
      },
    ];
  });
}

function buttonsOf({ blocks }: SeenVersion): string[] {
  return pressableElements(blocks).flatMap(({ element }) =>
    [element, element.positive_button, element.negative_button].flatMap((button) => {
      const { text } = (button ?? {}) as { text?: { text?: string } };
      return text?.text ?? [];
    }),
  );
}

function indented(text: string): string {
  return text.replaceAll('\n', `\n${' '.repeat(12)}`);
}
