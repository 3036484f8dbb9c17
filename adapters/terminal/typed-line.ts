/** A line in the parts that its form shows. */
export interface TypedLine {
  /** Without its slash; empty for a slash alone. Absent: the line is chat. */
  readonly command?: string;
  readonly text: string;
}

/** So many people type these to any program that they are meant without a slash too, where nothing else stands there. */
const WITHOUT_SLASH = /^(?:help|quit|exit)$/iu;

/** `/ask What is tea?` is the command `ask` with its text; anything that does not begin with a slash is chat. */
export function parseLine(line: string): TypedLine {
  const trimmed = line.trim();
  if (WITHOUT_SLASH.test(trimmed)) return { command: trimmed.toLowerCase(), text: '' };
  if (!trimmed.startsWith('/')) return { text: trimmed };
  const end = trimmed.search(/\s/u);
  if (end === -1) return { command: trimmed.slice(1), text: '' };
  return { command: trimmed.slice(1, end), text: trimmed.slice(end).trim() };
}
