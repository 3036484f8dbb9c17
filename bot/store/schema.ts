/**
 * How the file became what it is: step n makes version n + 1 of version n. A step that has been released is never
 * changed again; a new one is added behind it.
 */
export const MIGRATIONS: readonly string[] = [
  `
  -- The key of the hashes that stand for people: without it the same person has another hash in every file.
  CREATE TABLE pseudonyms (key TEXT NOT NULL) STRICT;
  INSERT INTO pseudonyms VALUES (lower(hex(randomblob(32))));

  CREATE TABLE seen (id TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE INDEX seen_at ON seen (at);

  CREATE TABLE feedback (
    turn TEXT NOT NULL,
    person TEXT NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('good', 'bad')),
    at INTEGER NOT NULL,
    PRIMARY KEY (turn, person)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX feedback_at ON feedback (at);
  `,
  `
  CREATE TABLE turns (
    id TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    request TEXT NOT NULL,
    seed INTEGER NOT NULL,
    draft TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX turns_at ON turns (at);

  -- In the order in which they were written.
  CREATE TABLE pieces (number INTEGER PRIMARY KEY, turn TEXT NOT NULL, piece TEXT NOT NULL) STRICT;
  CREATE INDEX pieces_turn ON pieces (turn);

  CREATE TABLE posted (
    turn TEXT NOT NULL,
    place INTEGER NOT NULL,
    message TEXT NOT NULL,
    PRIMARY KEY (turn, place)
  ) STRICT, WITHOUT ROWID;

  CREATE TRIGGER turns_draft AFTER UPDATE OF draft ON turns BEGIN
    DELETE FROM pieces WHERE turn = old.id;
  END;
  CREATE TRIGGER turns_end AFTER DELETE ON turns BEGIN
    DELETE FROM pieces WHERE turn = old.id;
    DELETE FROM posted WHERE turn = old.id;
  END;
  `,
  `
  ALTER TABLE turns ADD COLUMN tries INTEGER NOT NULL DEFAULT 0;

  CREATE TABLE resets (conversation TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE INDEX resets_at ON resets (at);

  CREATE TABLE heard (conversation TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE INDEX heard_at ON heard (at);

  CREATE TABLE seeds (
    conversation TEXT PRIMARY KEY,
    seed INTEGER NOT NULL,
    next INTEGER NOT NULL CHECK (next IN (0, 1)),
    person TEXT NOT NULL,
    at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX seeds_at ON seeds (at);
  `,
];
