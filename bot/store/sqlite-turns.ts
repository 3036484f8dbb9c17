import type { z } from 'zod';
import { askerOf } from '../person.ts';
import { type SqliteFile, textOf } from './sqlite-file.ts';
import type { Person, Piece, Turns, UnfinishedTurn } from './store.ts';
import { StoreError } from './store-error.ts';
import { DRAFT, PIECE, POSTED, REQUEST } from './turn-shapes.ts';

type Row = Readonly<Record<string, unknown>>;

/** Told of a turn of which nothing can be made any more; the error names no word of it. */
export type OnUnreadable = (turn: string, error: StoreError) => void;

/** The journal in three tables: a row a turn, a row each for what was written and posted; an ended turn has none. */
export function turnsIn(
  file: SqliteFile,
  onUnreadable: OnUnreadable,
): Turns & { readonly erase: (person: Person) => void } {
  const take = file.prepare(
    `INSERT INTO turns (id, at, request, seed) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET at = excluded.at, request = excluded.request, seed = excluded.seed, draft = NULL,
       tries = 0`,
  );
  const draft = file.prepare('UPDATE turns SET draft = ? WHERE id = ?');
  const write = file.prepare('INSERT INTO pieces (turn, piece) SELECT id, ? FROM turns WHERE id = ?');
  const post = file.prepare(
    `INSERT INTO posted (turn, place, message) SELECT id, ?, ? FROM turns WHERE id = ?
     ON CONFLICT DO UPDATE SET message = excluded.message`,
  );
  const tryAgain = file.prepare('UPDATE turns SET tries = tries + 1 WHERE id = ?');
  const gotOn = file.prepare('UPDATE turns SET tries = 0 WHERE id = ? AND tries > 0');
  const end = file.prepare('DELETE FROM turns WHERE id = ?');
  const turns = file.prepare(
    `SELECT CAST(id AS BLOB) AS id, CAST(request AS BLOB) AS request, seed, tries, CAST(draft AS BLOB) AS draft
     FROM turns ORDER BY at, id`,
  );
  const count = file.prepare('SELECT count(*) AS turns FROM turns');
  const pieces = file.prepare(
    'SELECT CAST(piece AS BLOB) AS json FROM pieces WHERE turn = ? ORDER BY number',
  );
  const posted = file.prepare(
    'SELECT CAST(message AS BLOB) AS json FROM posted WHERE turn = ? ORDER BY place',
  );

  const read = (row: Row): UnfinishedTurn => {
    const id = textOf(row.id);
    return {
      id,
      request: readAs(REQUEST, 'request', row.request),
      seed: Number(row.seed),
      ...(textOf(row.draft) !== '' && { draft: readAs(DRAFT, 'draft', row.draft) }),
      soFar: joined(pieces.all(id).map(({ json }) => readAs(PIECE, 'text', json))),
      tries: Number(row.tries),
      posted: posted.all(id).map(({ json }) => readAs(POSTED, 'message', json)),
    };
  };

  /** One that cannot be read now never can be: it would be met again at every start. */
  const endUnreadable = (row: Row, error: StoreError): void => {
    const id = textOf(row.id);
    onUnreadable(id, error);
    try {
      end.run(id);
    } catch (failure) {
      // Whoever reads does not want to know that nothing can be written: the next start makes up for it.
      if (!(failure instanceof StoreError)) throw failure;
    }
  };

  return {
    take: async ({ id, request, seed }) => {
      take.run(id, Math.trunc(request.at), JSON.stringify(request), seed);
    },
    draft: async (id, drafted) => {
      draft.run(JSON.stringify(drafted), id);
    },
    write: async (id, piece) => {
      write.run(JSON.stringify(piece), id);
    },
    post: async (id, place, message) => {
      post.run(place, JSON.stringify(message), id);
    },
    tryAgain: async (id) => {
      tryAgain.run(id);
    },
    gotOn: async (id) => {
      gotOn.run(id);
    },
    end: async (id) => {
      end.run(id);
    },
    unfinished: async () =>
      turns.all().flatMap((row) =>
        unlessUnreadable<readonly UnfinishedTurn[]>(
          () => [read(row)],
          (error) => {
            endUnreadable(row, error);
            return [];
          },
        ),
      ),
    count: async () => Number(count.all()[0]?.turns ?? 0),
    erase: (person) => {
      for (const row of turns.all()) {
        // It may be anybody's, and nobody can look into it.
        const theirs = unlessUnreadable(
          () => askerOf(readAs(REQUEST, 'request', row.request)) === person,
          () => true,
        );
        if (theirs) end.run(textOf(row.id));
      }
    },
  };
}

/** What was written of one draft, in one piece. */
export function joined(pieces: readonly Piece[]): Piece {
  return {
    text: pieces.map(({ text }) => text).join(''),
    tokens: pieces.flatMap(({ tokens }) => tokens),
    written: pieces.map(({ written }) => written).join(''),
  };
}

/**
 * What SQLite takes for whole may be damaged all the same: it knows no sums of what it keeps.
 *
 * @throws StoreError `STORE_UNREADABLE`
 */
function readAs<T>(shape: z.ZodType<T>, part: string, stored: unknown): T {
  const { success, data } = shape.safeParse(jsonIn(textOf(stored)));
  if (success) return data;
  // No cause: it would quote what people wrote.
  throw new StoreError('STORE_UNREADABLE', `A ${part} in the journal is not what was written.`);
}

/** Undefined for what is no JSON. */
function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unlessUnreadable<T>(read: () => T, otherwise: (error: StoreError) => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof StoreError && error.code === 'STORE_UNREADABLE') return otherwise(error);
    throw error;
  }
}
