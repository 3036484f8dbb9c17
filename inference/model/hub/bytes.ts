const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const;

/** A size for people, in powers of 1000 as the hub shows them: `548 MB`, `1.36 MB`, `26 bytes`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // 999.5 would be rounded to "1000 kB".
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${Number(value.toFixed(digits))} ${UNITS[unit]}`;
}
