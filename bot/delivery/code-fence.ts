/**
 * Fenced code blocks, as CommonMark 0.31 section 4.5 defines them at the top level of a document, read one character
 * at a time so that a growing text never has to be read again. Fences inside lists and quotes that are indented by
 * more than three spaces or stand behind a marker are ordinary text here.
 */
export type FenceCharacter = '`' | '~';

export interface Fence {
  readonly character: FenceCharacter;
  /** At least 3. */
  readonly length: number;
  /** The opening line without its end: indentation, fence and info string; absent if it is too long to repeat. */
  readonly opener: string | undefined;
}

/**
 * Where in its line the text ends, and what that line is so far. `fence` is the block that was open when the line began.
 * `indent`: nothing but up to three spaces. `marker`: a run of fence characters that may open or close a block. `info`:
 * behind an opening run. `tail`: blanks behind a closing run. `text`: the line is no fence, whatever follows.
 */
export type LineState =
  | { readonly phase: 'indent'; readonly fence: Fence | undefined; readonly width: number }
  | {
      readonly phase: 'marker';
      readonly fence: Fence | undefined;
      readonly character: FenceCharacter;
      readonly length: number;
      readonly line: string | undefined;
    }
  | {
      readonly phase: 'info';
      readonly fence: undefined;
      readonly character: FenceCharacter;
      readonly length: number;
      readonly line: string | undefined;
    }
  | { readonly phase: 'tail'; readonly fence: Fence }
  | { readonly phase: 'text'; readonly fence: Fence | undefined };

export const START_OF_TEXT: LineState = { phase: 'indent', fence: undefined, width: 0 };

/** The shortest run that opens a block, and the widest indentation that leaves it one (CommonMark). */
export const SHORTEST_FENCE = 3;
const WIDEST_INDENT = 3;

/** No info string that means something is longer; what is longer is not repeated, and so need not be remembered. */
const LONGEST_OPENER = 256;

export const isLineEnd = (character: string): boolean => character === '\n' || character === '\r';

export const isFenceCharacter = (character: string): character is FenceCharacter =>
  character === '`' || character === '~';

/** The block that is open if the text ends here. */
export function openFence(state: LineState): Fence | undefined {
  switch (state.phase) {
    case 'indent':
    case 'text':
      return state.fence;
    case 'tail':
      return undefined;
    case 'info':
      return fenceOf(state);
    case 'marker':
      if (state.fence) return state.length >= state.fence.length ? undefined : state.fence;
      return state.length >= SHORTEST_FENCE ? fenceOf(state) : undefined;
  }
}

/** Whether the line so far closes the block that was open when it began. */
export const closesFence = (state: LineState): boolean =>
  state.fence !== undefined && openFence(state) === undefined;

/** Whether the line so far opens a block. */
export const opensFence = (state: LineState): boolean =>
  state.fence === undefined && openFence(state) !== undefined;

/** The state behind a text. */
export function readText(text: string): LineState {
  let state = START_OF_TEXT;
  for (const character of text) state = readCharacter(state, character);
  return state;
}

/** The state one character later; the same object where nothing changes. */
export function readCharacter(state: LineState, character: string): LineState {
  // The two halves of CRLF end two lines, of which the second is empty: fences do not mind.
  if (isLineEnd(character)) return { phase: 'indent', fence: openFence(state), width: 0 };
  switch (state.phase) {
    case 'indent':
      if (character === ' ' && state.width < WIDEST_INDENT) return { ...state, width: state.width + 1 };
      if (isFenceCharacter(character) && (!state.fence || state.fence.character === character)) {
        const line = ' '.repeat(state.width) + character;
        return { phase: 'marker', fence: state.fence, character: character, length: 1, line };
      }
      return { phase: 'text', fence: state.fence };
    case 'marker':
      if (character === state.character) {
        return { ...state, length: state.length + 1, line: extended(state.line, character) };
      }
      if (state.fence) {
        const closes = state.length >= state.fence.length && isSpaceOrTab(character);
        return { phase: closes ? 'tail' : 'text', fence: state.fence };
      }
      if (state.length < SHORTEST_FENCE) return { phase: 'text', fence: undefined };
      return { ...state, phase: 'info', fence: undefined, line: extended(state.line, character) };
    case 'info':
      // An info string behind backticks holds none, so that `` ```code``` `` within a line stays inline code.
      if (character === '`' && state.character === '`') return { phase: 'text', fence: undefined };
      return { ...state, line: extended(state.line, character) };
    case 'tail':
      return isSpaceOrTab(character) ? state : { phase: 'text', fence: state.fence };
    case 'text':
      return state;
  }
}

function fenceOf(state: { character: FenceCharacter; length: number; line: string | undefined }): Fence {
  return { character: state.character, length: state.length, opener: state.line?.trimEnd() };
}

function extended(line: string | undefined, character: string): string | undefined {
  return line === undefined || line.length >= LONGEST_OPENER ? undefined : line + character;
}

const isSpaceOrTab = (character: string): boolean => character === ' ' || character === '\t';
