import type { Writable } from 'node:stream';

/** Where people read: a terminal, or what stands in its place. */
export type TerminalOutput = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** Columns of terminals that do not tell how many they have. */
export const USUAL_WIDTH = 80;
