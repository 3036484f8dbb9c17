/** How a message looked at a moment. */
export interface Look {
  /** What is read, without lines that only say what is waited for. */
  readonly text: string;
  /** Lines that the bot adds beside an answer, or before there is one. */
  readonly lines: readonly string[];
  /** `running`: it can be stopped. `done`: it is complete, and can be asked for again. */
  readonly controls: 'none' | 'running' | 'done';
}

/** A message of the bot's as people saw it, on whatever platform. */
export interface ReplyMessage {
  readonly id: string;
  /** From the first to what is seen now. */
  readonly looks: readonly Look[];
  /** It is "thinking", or streams. */
  readonly open: boolean;
  /** Whom it called. */
  readonly pings: readonly string[];
}

/** One request, and what has come of it so far. */
export interface Asked {
  /** Where and how, for the report. */
  readonly way: string;
  readonly question: Question;
  /** The bot's messages for this request, in order. */
  replies(): readonly ReplyMessage[];
  /** What the platform itself told the person, when the bot was not there. */
  told(): string | undefined;
}

export interface Question {
  readonly task: 'ask' | 'chat' | 'translate' | 'write';
  readonly text: string;
  /** Which words the answer has is of no interest. */
  readonly anyAnswer?: true;
}

export function lastLook(message: ReplyMessage | undefined): Look | undefined {
  return message?.looks.at(-1);
}

/** Words can be read, and more are coming. */
export function isMidReply(asked: Asked): boolean {
  const last = asked.replies().at(-1);
  const look = lastLook(last);
  return look?.controls === 'running' && look.text !== '';
}

/** Nothing more seems to come: an answer or a refusal stands there, or the platform has said that nobody is there. */
export function isOver(asked: Asked): boolean {
  if (asked.told() !== undefined) return true;
  const replies = asked.replies();
  if (replies.length === 0 || replies.some(({ open }) => open)) return false;
  const last = lastLook(replies.at(-1));
  return last !== undefined && last.controls !== 'running' && (last.text !== '' || last.lines.length > 0);
}

/** @param buttons their labels or ids */
export function lookOf(shown: string, isBeside: (line: string) => boolean, buttons: readonly string[]): Look {
  const lines = shown.split('\n');
  const has = (name: string) => buttons.some((button) => button.toLowerCase() === name);
  return {
    text: lines
      .filter((line) => !isBeside(line))
      .join('\n')
      .trim(),
    lines: lines.filter(isBeside),
    controls: has('stop') ? 'running' : buttons.length > 0 ? 'done' : 'none',
  };
}
