/** A `flags` field without any bit, whatever its enumeration. */
export const noFlags: number = 0;
