import { askerOf } from '../person.ts';
import { type SqliteFile, textOf } from './sqlite-file.ts';
import type { Draft, Person, Piece, PostedMessage, Turns, UnfinishedTurn } from './store.ts';

/** The journal in three tables: a row a turn, a row each for what was written and posted; an ended turn has none. */
export function turnsIn(file: SqliteFile): Turns & { readonly erase: (person: Person) => void } {
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

  const jsonOf = <Row>(rows: readonly Readonly<Record<string, unknown>>[]): readonly Row[] =>
    rows.map(({ json }) => JSON.parse(textOf(json)));

  const read = (row: Readonly<Record<string, unknown>>): UnfinishedTurn => {
    const id = textOf(row.id);
    const drafted = textOf(row.draft);
    return {
      id,
      request: JSON.parse(textOf(row.request)),
      seed: Number(row.seed),
      ...(drafted !== '' && { draft: JSON.parse(drafted) as Draft }),
      soFar: joined(jsonOf<Piece>(pieces.all(id))),
      tries: Number(row.tries),
      posted: jsonOf<PostedMessage>(posted.all(id)),
    };
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
    unfinished: async () => turns.all().flatMap((row) => unlessUnreadable(() => read(row))),
    count: async () => Number(count.all()[0]?.turns ?? 0),
    erase: (person) => {
      for (const row of turns.all()) {
        const [asker] = unlessUnreadable(() => askerOf(JSON.parse(textOf(row.request))));
        if (asker === person) end.run(textOf(row.id));
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

/** Of a row whose text was damaged in a way that SQLite does not notice, nothing can be made; the others are whole. */
function unlessUnreadable<T>(read: () => T): readonly T[] {
  try {
    return [read()];
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}
