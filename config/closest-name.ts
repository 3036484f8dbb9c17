/** The known name that was most likely meant, or undefined where none is near. */
export function closestName(written: string, known: readonly string[]): string | undefined {
  const normal = written.toUpperCase().replace(/[-.]/g, '_');
  let best: { readonly name: string; readonly edits: number } | undefined;
  for (const name of known) {
    const edits = editDistance(normal, name);
    if (best === undefined || edits < best.edits) best = { name, edits };
  }
  // Up to a third of the letters: two slips in OFFLINE are a typo, two in KV_MB make another word.
  return best !== undefined && best.edits <= Math.floor(best.name.length / 3) ? best.name : undefined;
}

/** Letters to insert, delete, replace or swap with their neighbour (Damerau 1964, restricted to adjacent swaps). */
function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let edits = Math.min(at(previous, j) + 1, at(row, j - 1) + 1, at(previous, j - 1) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        edits = Math.min(edits, at(beforePrevious, j - 2) + 1);
      }
      row.push(edits);
    }
    beforePrevious = previous;
    previous = row;
  }
  return at(previous, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
