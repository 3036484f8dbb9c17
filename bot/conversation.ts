import type { Exchange } from '../inference/tasks/task.ts';
import type { HistorySource } from './ports.ts';
import type { ConversationRef, HistoryMessage } from './request.ts';
import { LASTING_IDS } from './seen-requests.ts';
import type { Moments } from './store/store.ts';

export interface MemoryLimits {
  /** Messages read back for one answer. */
  readonly messages: number;
  /** Characters of them in a memory: what is beyond cannot be in a prompt, and need not be counted in tokens. */
  readonly characters: number;
  /** Characters of them in a talk, of which more than one prompt is made. */
  readonly talkCharacters: number;
  /** Conversations whose `/reset` is remembered; the ones reset longest ago come back first. */
  readonly resets: number;
}

/**
 * GPT-2 reads 1,024 tokens, of about four characters each in English, and an exchange of two messages takes ten tokens
 * at least: these limits are wide, so that the task's exact count decides and not they. A talk is summed up in parts, and
 * people are told the share that was read of what is handed on here; so room is for all of it, a pasted novel included.
 */
export const MEMORY_LIMITS: MemoryLimits = {
  messages: 100,
  characters: 16_384,
  talkCharacters: 4_000_000,
  resets: 10_000,
};

/** What a turn takes from the conversation before it. */
export interface Memory {
  /** Oldest first. */
  readonly exchanges: readonly Exchange[];
  /** More than one person speaks, the asker included: questions carry the speaker's name. */
  readonly severalSpeakers: boolean;
}

/** The message that is being answered: neither it nor what others wrote behind it is part of its memory. */
export interface Asked {
  readonly id: string;
  readonly author: { readonly id: string; readonly name: string };
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Forgotten together with what is forgotten here. */
  readonly talk?: ConversationRef;
}

/** How much of a talk; absent: as much as can be read. */
export interface TalkRange {
  /** The newest so many messages. */
  readonly messages?: number;
  /** What is younger than this: milliseconds since the epoch. */
  readonly since?: number;
}

/** Reads conversations back as memory, and forgets what is older than a `/reset`. */
export class Conversations {
  readonly #limits: MemoryLimits;
  readonly #record: Moments | undefined;
  readonly #forgottenUntil = new Map<string, number>();

  /** @param record of resets; must not fail (`UnfailingStore`); absent: a later process knows nothing. */
  constructor(limits: MemoryLimits = MEMORY_LIMITS, record?: Moments) {
    this.#limits = limits;
    this.#record = record;
  }

  /** Knows what earlier processes were told to forget. */
  static async recalled(record: Moments, limits: MemoryLimits = MEMORY_LIMITS): Promise<Conversations> {
    const conversations = new Conversations(limits, record);
    const latest = await record.latest(limits.resets);
    for (const { conversation, at } of latest.toReversed()) {
      conversations.#forgottenUntil.set(conversation, at);
    }
    return conversations;
  }

  /**
   * Forgets everything up to a moment.
   *
   * @param at the time of the request for it: by the platform's clock, as the messages' times are.
   */
  reset(conversation: ConversationRef, at: number): void {
    const key = conversationKey(conversation);
    this.#forgottenUntil.delete(key);
    this.#forgottenUntil.set(key, at);
    if (LASTING_IDS[conversation.platform]) void this.#record?.put(key, at);
    if (this.#forgottenUntil.size <= this.#limits.resets) return;
    for (const oldest of this.#forgottenUntil.keys()) {
      this.#forgottenUntil.delete(oldest);
      break;
    }
  }

  /** The exchanges before a message. */
  async memory(conversation: ConversationRef, asked: Asked, source: HistorySource): Promise<Memory> {
    return toMemory(await this.#read(conversation, asked, source, this.#limits.characters), asked);
  }

  /** What was said before a message, as lines of `{name}: {text}`, oldest first; empty when nothing was. */
  async talk(
    conversation: ConversationRef,
    asked: Asked,
    source: HistorySource,
    range: TalkRange = {},
  ): Promise<string> {
    const messages = await this.#read(conversation, asked, source, this.#limits.talkCharacters, range);
    return messages.map((message) => withName(message.author.name, message.text)).join('\n');
  }

  /** Oldest first. */
  async #read(
    conversation: ConversationRef,
    asked: Asked,
    source: HistorySource,
    characters: number,
    { messages = this.#limits.messages, since: from = Number.NEGATIVE_INFINITY }: TalkRange = {},
  ): Promise<readonly HistoryMessage[]> {
    const since = Math.max(
      from,
      this.#forgotten(conversation),
      asked.talk ? this.#forgotten(asked.talk) : from,
    );
    const newestFirst = await source.history(conversation, messages);
    const kept: HistoryMessage[] = [];
    let room = characters;
    for (const message of newestFirst.slice(0, messages)) {
      if (message.at <= since) break;
      if (message.id === asked.id || message.text.trim() === '') continue;
      // What others write behind a request has its own answer to come; answers of the bot belong to what came before.
      if (!message.own && message.at > asked.at) continue;
      if (room <= 0) break;
      kept.push({ ...message, text: message.text.slice(0, room) });
      room -= message.text.length;
    }
    return kept.reverse();
  }

  #forgotten(conversation: ConversationRef): number {
    return this.#forgottenUntil.get(conversationKey(conversation)) ?? Number.NEGATIVE_INFINITY;
  }
}

/** One string for a conversation on whichever platform. */
export function conversationKey({ platform, id }: ConversationRef): string {
  return `${platform}:${id}`;
}

/** A question as the prompt has it where several people speak. */
export function withName(name: string, text: string): string {
  const oneLine = name.replace(/\s+/gu, ' ').trim();
  return oneLine === '' ? text : `${oneLine}: ${text}`;
}

/**
 * The bot's messages are answers; what other people wrote since the last one is the question to it. What was never
 * answered is no exchange.
 *
 * @param messages oldest first.
 */
function toMemory(messages: readonly HistoryMessage[], asked: Asked): Memory {
  const speakers = new Set(messages.filter((message) => !message.own).map((message) => message.author.id));
  const severalSpeakers = speakers.add(asked.author.id).size > 1;
  const exchanges: Exchange[] = [];
  let questions: string[] = [];
  let answers: string[] = [];
  const close = () => {
    if (questions.length > 0 && answers.length > 0) {
      exchanges.push({ question: questions.join('\n'), answer: answers.join('\n') });
    }
    questions = [];
    answers = [];
  };
  for (const message of messages) {
    if (message.own) {
      answers.push(message.text);
      continue;
    }
    if (answers.length > 0) close();
    questions.push(severalSpeakers ? withName(message.author.name, message.text) : message.text);
  }
  close();
  return { exchanges, severalSpeakers };
}
