import { closestName } from '../config/closest-name.ts';

/** Longer words are no slip of any name, and comparing them letter by letter would take its time. */
const LONGEST = 32;

/** The name that was probably meant: it begins as typed, or differs in a letter or two. Undefined when none does. */
export function similarName(typed: string, names: readonly string[]): string | undefined {
  if (typed.length > LONGEST) return undefined;
  const word = typed.toLowerCase();
  const begun = names.find((name) => word.length > 1 && name.startsWith(word));
  // Settings are written in capitals, and that is how the closest name is searched.
  return (
    begun ??
    closestName(
      typed,
      names.map((name) => name.toUpperCase()),
    )?.toLowerCase()
  );
}
