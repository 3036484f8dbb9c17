/** Only a part of the text went into the prompt; the share is 0 to 1, in characters. */
export function partRead(text: string, part: 'beginning' | 'end', share: number): string {
  return `${text} is longer than this model can read at once: only its ${part} (${percent(share)}) was read.`;
}

/** Rounded down, and never 0 % or 100 %: something was read, and something was not. */
function percent(share: number): string {
  const whole = Math.floor(share * 100);
  return whole < 1 ? 'less than 1 %' : `${Math.min(whole, 99)} %`;
}
