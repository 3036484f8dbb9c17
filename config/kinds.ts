import { isIP } from 'node:net';
import path from 'node:path';
import { z } from 'zod';

/** What a value or a default may depend on; passed in, so that the same input always gives the same settings. */
export interface Surroundings {
  /** Where `.env` lies and where relative folders start. */
  readonly directory: string;
  /** The person's home folder, which `~` stands for. */
  readonly home: string;
  /** The platform's folder for things that can be fetched or made again. */
  readonly cache: string;
  /** The platform's folder for what cannot be made again. */
  readonly data: string;
  /** The platform's folder for what a program notes down for its next run. */
  readonly state: string;
  /** Whether a file or folder is there. */
  readonly exists: (location: string) => boolean;
}

/** How a setting is written (always as text) and what it becomes. */
export interface Kind<Value> {
  /** Completes "wants …" in errors, in `.env.example` and in the README. */
  readonly wants: string;
  schema(surroundings: Surroundings): z.ZodType<Value, string>;
}

/** One line of text; `wants` says which. */
export function text(wants: string): Kind<string> {
  return { wants, schema: () => z.string().regex(/^\P{Cc}+$/u) };
}

/** An absolute path: relative ones start at the folder of `.env`, and `~` is the home folder. */
export function folder(): Kind<string> {
  return {
    wants: 'a folder',
    schema: ({ directory, home }) =>
      z
        .string()
        .regex(/^\P{Cc}+$/u)
        .transform((written) =>
          path.resolve(
            directory,
            written.replace(/^~(?=$|[/\\])/, () => home),
          ),
        )
        // Linux shows its processes there: nothing can be made, and Node tries for ever to make a folder.
        .refine((location) => !/^\/proc(?:\/|$)/u.test(location)),
  };
}

/** A path like a folder's, or `none`, which is undefined. */
export function fileOrNone(): Kind<string | undefined> {
  return {
    wants: 'a file, or none',
    schema: (surroundings) =>
      z.union([
        z
          .string()
          .regex(/^none$/i)
          .transform(() => undefined),
        folder().schema(surroundings),
      ]),
  };
}

/** Small letters, digits and `-`: what may be part of a command's name. */
export function shortWord(wants: string): Kind<string> {
  return { wants, schema: () => z.string().regex(/^[a-z0-9-]{1,16}$/) };
}

/** The address of a web server, without a name or password in it: those would end up in logs. */
export function address(example: string): Kind<string> {
  return {
    wants: `an address like ${example}`,
    schema: () =>
      z.string().refine((written) => {
        const url = URL.canParse(written) ? new URL(written) : undefined;
        return url !== undefined && /^https?:$/.test(url.protocol) && url.username + url.password === '';
      }),
  };
}

/** An address of a network interface of this machine, or all of them: `127.0.0.1`, `::1`, `0.0.0.0`. */
export function ipAddress(): Kind<string> {
  return {
    wants: 'an IP address such as 127.0.0.1',
    schema: () => z.string().refine((written) => isIP(written) !== 0),
  };
}

/** What is sent in a header: printable ASCII without spaces. */
export function token(wants: string): Kind<string> {
  return { wants, schema: () => z.string().regex(/^[\x21-\x7e]+$/) };
}

/** The spellings that people use in environments: true, yes, on, 1, enabled, y and their opposites, in any case. */
export function trueOrFalse(): Kind<boolean> {
  return { wants: 'true or false', schema: () => z.stringbool() };
}

/** Digits only: `8.5`, `1e3`, `0x10` and `512 MB` are more often mistakes than meant. */
export function wholeNumber({ min, max }: { readonly min: number; readonly max: number }): Kind<number> {
  return {
    wants: `a whole number from ${min} to ${max}`,
    schema: () => z.string().regex(/^\d+$/).transform(Number).pipe(z.number().min(min).max(max)),
  };
}

/** One of a few words, in any case. */
export function choice<const Word extends Lowercase<string>>(words: readonly [Word, ...Word[]]): Kind<Word> {
  return {
    wants: words.join(', ').replace(/, ([^,]+)$/, ' or $1'),
    schema: () =>
      z
        .string()
        .transform((written) => written.toLowerCase())
        .pipe(z.enum(words)),
  };
}

/** One of a platform's ids; `wants` says of what. */
export function id(wants: string): Kind<string> {
  return { wants, schema: () => z.string().regex(ID) };
}

/** Ids with commas between them; none by default. */
export function ids(wants: string): Kind<readonly string[]> {
  return {
    wants: `${wants}, with commas between them`,
    schema: () =>
      z
        .string()
        .transform((written) => written.split(',').map((one) => one.trim()))
        .pipe(z.array(z.string().regex(ID))),
  };
}

/** Discord's are digits, Slack's capital letters and digits; a name or a link copied by mistake is neither. */
const ID = /^(?:\d{17,20}|[A-Z][A-Z0-9]{7,20})$/;
