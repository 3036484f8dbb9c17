import { EXIT } from '../../bot/exit-status.ts';

/** What was typed, or what is wrong with it, in words for whoever typed it. */
export function parsedOrWrong<Parsed>(parse: () => Parsed): Parsed | string {
  try {
    return parse();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Does what is asked, or says what is wrong with the arguments, or how a command is used. Gives the exit status. */
export async function answer<Asked extends { readonly help: boolean }>(
  asked: Asked | string,
  usage: string,
  work: (asked: Asked) => Promise<number>,
): Promise<number> {
  if (typeof asked === 'string') {
    process.stderr.write(`${asked}\n\n${usage}`);
    return EXIT.wrongUsage;
  }
  if (asked.help) {
    process.stdout.write(usage);
    return EXIT.ended;
  }
  return work(asked);
}
