import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { type Chapter, code, type Row } from './row.ts';
import type { Trial } from './trial.ts';

const UNIX = process.platform !== 'win32';
const ANSWERED = 'An answer.';

type Make = (trial: Trial) => void;

const bytes =
  (name: string, content: string | Uint8Array): Make =>
  (trial) => {
    trial.file(name, content);
  };

/** What is there under a name, and what is said when it is to be summed up. */
const FILES: readonly {
  readonly given: string;
  readonly name: string;
  readonly make?: Make;
  readonly gets: string;
  readonly possible?: boolean;
}[] = [
  {
    given: 'nothing',
    name: './none.txt',
    gets: 'There is no file ./none.txt. Check the path; it starts where you started Parley.',
  },
  {
    given: 'a folder',
    name: './docs',
    make: (trial) => mkdirSync(path.join(trial.folder, 'docs'), { recursive: true }),
    gets: './docs is a folder. Name a file in it.',
  },
  {
    given: 'a path through a file',
    name: './plain.txt/part',
    make: bytes('plain.txt', 'Text.'),
    gets: 'There is no file ./plain.txt/part: a part of that path is not a folder.',
    // Windows says only that nothing is there.
    possible: UNIX,
  },
  {
    given: 'a name of 300 letters',
    name: `./${'n'.repeat(300)}`,
    gets: 'There is no such file: the name is longer than that of any file.',
    possible: UNIX,
  },
  {
    given: 'a link to nothing',
    name: './link',
    make: (trial) => symlinkSync(path.join(trial.folder, 'nowhere'), path.join(trial.folder, 'link')),
    gets: 'There is no file ./link. Check the path; ',
    possible: UNIX,
  },
  {
    given: 'a link to itself',
    name: './loop',
    make: (trial) => symlinkSync(path.join(trial.folder, 'loop'), path.join(trial.folder, 'loop')),
    gets: './loop could not be read (ELOOP). Try a copy of it, or paste the text.',
    possible: UNIX,
  },
  {
    given: 'a file that you may not read',
    name: './secret.txt',
    make: (trial) => chmodSync(trial.file('secret.txt', 'Text.'), 0),
    gets: 'You are not allowed to read ./secret.txt. Change its permissions, or paste the text.',
    possible: UNIX && process.getuid?.() !== 0,
  },
  {
    given: 'a pipe into which nobody writes',
    name: './pipe',
    make: (trial) => execFileSync('mkfifo', [path.join(trial.folder, 'pipe')]),
    gets: './pipe is no ordinary file. Name a text file, or paste the text.',
    possible: UNIX,
  },
  {
    given: 'a device',
    name: '/dev/zero',
    gets: '/dev/zero is no ordinary file. Name a text file, or paste the text.',
    possible: UNIX,
  },
  {
    given: 'an empty file',
    name: './empty.txt',
    make: bytes('empty.txt', ''),
    gets: './empty.txt is empty. Give another file, or paste the text.',
  },
  {
    given: 'blanks only',
    name: './blank.txt',
    make: bytes('blank.txt', ' \n\t\n'),
    gets: './blank.txt has no text in it. Give another file, or paste the text.',
  },
  {
    given: 'a picture, a program, an archive',
    name: './photo.png',
    make: bytes('photo.png', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13)),
    gets: './photo.png is not a text file. Give a plain text file, or paste the text.',
  },
  {
    given: 'control characters',
    name: './controls.txt',
    make: bytes(
      'controls.txt',
      Uint8Array.from({ length: 200 }, (_, index) => 1 + (index % 8)),
    ),
    gets: './controls.txt is not a text file. ',
  },
  {
    given: 'a text in an encoding that cannot be told',
    name: './nihongo.txt',
    make: bytes('nihongo.txt', Uint8Array.of(0x93, 0xfa, 0x96, 0x7b, 0x8c, 0xea, 0x82, 0xcd)),
    gets: './nihongo.txt is in an encoding that I cannot read for certain. Save it as UTF-8, or paste the text.',
  },
  {
    given: 'UTF-16 that breaks off',
    name: './half.txt',
    make: bytes('half.txt', Uint8Array.of(0xff, 0xfe, 0x00, 0xd8, 0x61)),
    gets: './half.txt is in an encoding that I cannot read for certain. ',
  },
  {
    given: 'a text in UTF-16',
    name: './utf16.txt',
    make: bytes('utf16.txt', Buffer.from('\ufeffA text.', 'utf16le')),
    gets: ANSWERED,
  },
  {
    given: 'a text in Latin-1',
    name: './latin1.txt',
    make: bytes('latin1.txt', Buffer.from('A caf\xe9 by the harbour, and more words.', 'latin1')),
    gets: ANSWERED,
  },
  {
    given: 'more than 10 MB',
    name: './large.txt',
    make: bytes('large.txt', Buffer.alloc(10 * 1024 * 1024 + 1, 'x')),
    gets: './large.txt is larger than 10 MB. Give a part of it.',
  },
  {
    given: 'a name with a blank',
    name: './my notes.txt',
    make: bytes('my notes.txt', 'A text.'),
    gets: ANSWERED,
  },
];

/** The same texts as standard input of `--task summarize`. */
const INPUTS: readonly (readonly [given: string, input: string | Uint8Array, gets: string])[] = [
  ['nothing', '', 'Standard input has no text in it.'],
  ['blanks only', ' \n', 'Standard input has no text in it.'],
  [
    'a picture',
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0),
    'Standard input is not a text file. ',
  ],
  [
    'more than 10 MB',
    Buffer.alloc(10 * 1024 * 1024 + 1, 'x'),
    'Standard input is larger than 10 MB. Give a part of it.',
  ],
];

export const filesChapter: Chapter = {
  title: 'Files',
  about:
    `Named behind ${code('/summarize')} or ${code('/ask')}, or with ${code('--file')}; a task whose file or standard input ` +
    'cannot be read ends with exit status 1.',
  rows: [
    ...FILES.map(
      ({ given, name, make, gets, possible = true }): Row => ({
        given,
        gets,
        possible,
        got: (trial) => {
          make?.(trial);
          return trial.lines(`/summarize ${name}\n`);
        },
      }),
    ),
    ...INPUTS.map(
      ([given, input, gets]): Row => ({
        given: `${given}, through a pipe into ${code('--task summarize')}`,
        gets,
        got: (trial) => trial.task(['summarize'], input),
      }),
    ),
  ],
};
