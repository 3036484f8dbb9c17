/** A line in the parts that its form shows. */
export interface TypedLine {
  /** Without its slash; empty for a slash alone. Absent: the line is chat. */
  readonly command?: string;
  readonly text: string;
}

/** `/ask What is tea?` is the command `ask` with its text; anything that does not begin with a slash is chat. */
export function parseLine(line: string): TypedLine {
  const trimmed = line.trim();
  if (!trimmed.startsWith('/')) return { text: trimmed };
  const end = trimmed.search(/\s/u);
  if (end === -1) return { command: trimmed.slice(1), text: '' };
  return { command: trimmed.slice(1, end), text: trimmed.slice(end).trim() };
}
