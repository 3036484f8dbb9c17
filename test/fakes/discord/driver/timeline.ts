import { type ComponentType, InteractionType, MessageType } from 'discord.js';
import { acknowledgeWithinMs, hasFailed } from '../world/interactions.ts';
import { isLoading } from '../world/messages.ts';
import type { InteractionRecord, MessageRecord, MessageVersion } from '../world/records.ts';
import type { World } from '../world/world.ts';

/** Something that a person saw happen in a channel. */
type Sight = { readonly at: number; readonly channelId: string } & (
  | {
      readonly kind: 'posted' | 'edited';
      readonly message: MessageRecord;
      readonly version: MessageVersion;
      readonly loading: boolean;
    }
  | { readonly kind: 'deleted'; readonly message: MessageRecord }
  | { readonly kind: 'typing'; readonly userId: string }
  | { readonly kind: 'used'; readonly interaction: InteractionRecord }
);

/** Remembers what was to be seen, edit by edit, and writes it down for people to read. */
export class Timeline {
  readonly #world: World;
  readonly #sights: Sight[] = [];
  readonly #shown = new WeakSet<MessageVersion>();

  constructor(world: World) {
    this.#world = world;
    world.listen((event) => {
      const at = world.clock.now();
      switch (event.type) {
        case 'message-created':
        case 'message-edited': {
          const version = event.message.versions.at(-1) ?? event.message.versions[0];
          const kind = event.type === 'message-created' ? 'posted' : 'edited';
          const { channelId } = event.message;
          // A thread that hangs on a message changes it, too, but nobody's text.
          if (this.#shown.has(version)) return;
          this.#shown.add(version);
          this.#sights.push({
            at,
            channelId,
            kind,
            message: event.message,
            version,
            loading: isLoading(event.message),
          });
          return;
        }
        case 'message-deleted':
          this.#sights.push({
            at,
            channelId: event.message.channelId,
            kind: 'deleted',
            message: event.message,
          });
          return;
        case 'typing':
          this.#sights.push({ at, channelId: event.channel.id, kind: 'typing', userId: event.userId });
          return;
        case 'interaction': {
          const { interaction } = event;
          this.#sights.push({ at, channelId: interaction.channelId, kind: 'used', interaction });
        }
      }
    });
  }

  /**
   * One line a sight, with seconds since the first one: posts, edits with the whole new text and the buttons, typing,
   * commands used, pings. Ephemeral messages show only to the person named in `as`, or to everybody with `all`.
   */
  transcript(channelId: string, view: { readonly as?: string; readonly all?: boolean } = {}): string {
    const mine = this.#sights
      .filter((sight) => sight.channelId === channelId)
      .filter((sight) => this.#shows(sight, view));
    const start = mine[0]?.at ?? 0;
    const lines = mine.flatMap((sight) => this.#lines(sight).map(([at, text]) => ({ at, text })));
    return lines
      .sort((a, b) => a.at - b.at)
      .map(({ at, text }) => `${((at - start) / 1000).toFixed(2).padStart(8)} s  ${text}`)
      .join('\n');
  }

  #shows(sight: Sight, { as, all }: { readonly as?: string; readonly all?: boolean }): boolean {
    if (all) return true;
    if (sight.kind === 'used') return as === undefined || as === sight.interaction.userId;
    if (!('message' in sight)) return true;
    const { ephemeralFor } = sight.message;
    return ephemeralFor === undefined || ephemeralFor === as;
  }

  #lines(sight: Sight): [at: number, text: string][] {
    switch (sight.kind) {
      case 'typing':
        return [[sight.at, `${this.#name(sight.userId)} is typing…`]];
      case 'deleted':
        return [[sight.at, `(a message of ${this.#name(sight.message.authorId)} is deleted)`]];
      case 'used': {
        const used: [number, string] = [
          sight.at,
          `${this.#name(sight.interaction.userId)} ${this.#what(sight.interaction)}`,
        ];
        if (!hasFailed(this.#world, sight.interaction)) return [used];
        return [used, [sight.at + acknowledgeWithinMs, '(the application did not respond)']];
      }
      default:
        return [[sight.at, this.#said(sight)]];
    }
  }

  #what({ type, name, messageType }: InteractionRecord): string {
    if (type === InteractionType.ModalSubmit) return `submits the form ${name}`;
    if (type === InteractionType.MessageComponent) return `presses ${name}`;
    return messageType === MessageType.ContextMenuCommand ? `uses the menu "${name}"` : `uses /${name}`;
  }

  #said({ kind, message, version, loading }: Sight & { readonly kind: 'posted' | 'edited' }): string {
    const who = this.#name(message.authorId);
    if (loading) return `${who} is thinking…${this.#aside(message)}`;
    if (message.type === MessageType.ThreadCreated) return `${who} starts the thread "${version.content}"`;
    if (message.type === MessageType.ThreadStarterMessage) return '(the message that the thread hangs on)';
    // Edits notify nobody, except the one that turns a deferred answer into a message.
    const notifies = kind === 'posted' || (message.interaction && version === message.versions[1]);
    const parts = [
      version.content.replace(/<@!?(\d+)>/g, (_, id: string) => `@${this.#name(id)}`),
      ...version.embeds.map((embed) => `{${[embed.title, embed.description].filter(Boolean).join(': ')}}`),
      ...version.attachments.map((file) => `<${file.filename}>`),
      ...version.components.map((row) => row.components.map(buttonText).join(' ')),
    ];
    const text = parts
      .filter((part) => part !== '')
      .join('\n')
      .replaceAll('\n', `\n${' '.repeat(12)}`);
    return `${who}${kind === 'edited' ? ' (edits)' : ''}: ${text}${this.#aside(message)}${notifies ? this.#pings(message) : ''}`;
  }

  #aside({ ephemeralFor }: MessageRecord): string {
    return ephemeralFor ? ` (only ${this.#name(ephemeralFor)} sees this)` : '';
  }

  #pings({ notified }: MessageRecord): string {
    return notified.length > 0 ? ` (pings ${notified.map((id) => this.#name(id)).join(', ')})` : '';
  }

  #name(id: string): string {
    const user = this.#world.users.get(id);
    return user?.globalName ?? user?.username ?? id;
  }
}

function buttonText(button: {
  type: ComponentType.Button;
  label?: string | undefined;
  emoji?: { name?: string | null | undefined } | undefined;
  disabled?: boolean | undefined;
}): string {
  const label = [button.emoji?.name, button.label].filter(Boolean).join(' ');
  return button.disabled ? `[${label}, off]` : `[${label}]`;
}
