/** Keeps a map from growing beyond so many: what was set first goes. */
export function forgetFirst(entries: Map<string, unknown>, most: number): void {
  if (entries.size <= most) return;
  for (const first of entries.keys()) {
    entries.delete(first);
    break;
  }
}
