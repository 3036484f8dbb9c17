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
];
