/** ISO 8601 with microseconds and an offset, as Discord writes it. */
export function timestamp(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('Z', '000+00:00');
}
