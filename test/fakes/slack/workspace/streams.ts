import { wireMessage } from '../payloads/wire-message.ts';
import type { Block } from '../text/blocks.ts';
import type { MessageRecord } from './records.ts';
import type { StreamContent } from './stream-content.ts';
import type { World } from './world.ts';

/** Why a stream takes no more, in Slack's words. */
export type StreamRefusal =
  | 'message_not_in_streaming_state'
  | 'msg_too_long'
  | 'stopped_by_user'
  | 'streaming_mode_mismatch';

/** Native streaming: messages that grow by appends until they are stopped, or until Slack gives them up. */
export class Streams {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** Makes the message just posted a stream, and starts its time. */
  begin(message: MessageRecord, content: StreamContent): StreamRefusal | undefined {
    const { clock, options } = this.#world;
    message.stream = {
      state: 'in_progress',
      mode: undefined,
      stopUnseen: false,
      characters: 0,
      otherChunks: [],
    };
    clock.after(options.streams.lifetimeMs, () => {
      if (message.stream?.state === 'in_progress') this.end(message, 'errored');
    });
    return this.append(message, content);
  }

  append(message: MessageRecord, content: StreamContent): StreamRefusal | undefined {
    const refusal = this.#refusal(message, content);
    if (refusal !== undefined || message.stream === undefined) return refusal;
    if (content.mode === undefined) return undefined;
    message.stream.mode = content.mode;
    message.stream.characters += content.text.length;
    message.stream.otherChunks.push(...content.otherChunks);
    message.text += content.text;
    this.#world.messaging.record(message, 'appended');
    return undefined;
  }

  stop(message: MessageRecord, content: StreamContent, blocks: readonly Block[]): StreamRefusal | undefined {
    const refusal = this.#refusal(message, content);
    if (refusal !== undefined || message.stream === undefined) return refusal;
    const previous = wireMessage(this.#world, message);
    message.text += content.text;
    message.stream.otherChunks.push(...content.otherChunks);
    message.stream.state = 'completed';
    const { announcer, messaging } = this.#world;
    if (blocks.length > 0) messaging.setBlocks(message, blocks);
    messaging.record(message, 'stopped');
    announcer.start(announcer.changed(message, previous));
    return undefined;
  }

  /** Ends a stream from Slack's side. */
  end(message: MessageRecord, state: 'completed' | 'errored'): void {
    if (message.stream === undefined) return;
    const previous = wireMessage(this.#world, message);
    message.stream.state = state;
    const { announcer, changes } = this.#world;
    announcer.start(announcer.changed(message, previous));
    changes.notify();
  }

  #refusal(message: MessageRecord, content: StreamContent): StreamRefusal | undefined {
    const { stream } = message;
    if (stream?.stopUnseen === true) {
      // The first call after a person's stop hears of it; from then on the message is simply no stream any more.
      stream.stopUnseen = false;
      return 'stopped_by_user';
    }
    if (stream?.state !== 'in_progress') return 'message_not_in_streaming_state';
    const mixed = content.mode !== undefined && stream.mode !== undefined && content.mode !== stream.mode;
    if (mixed) return 'streaming_mode_mismatch';
    const length = stream.characters + content.text.length;
    return length > this.#world.options.streams.maxCharacters ? 'msg_too_long' : undefined;
  }
}
