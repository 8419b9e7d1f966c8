-- Single values: the incarnation and the profile.
CREATE TABLE single (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Shared values, each as it was last written.
CREATE TABLE shared (
    key   BLOB PRIMARY KEY,
    stamp BLOB NOT NULL,
    value BLOB NOT NULL
) STRICT;

-- Events of all nodes. `body` is the whole event; the other columns are taken from it for queries.
CREATE TABLE event (
    origin  BLOB    NOT NULL,
    seq     INTEGER NOT NULL,
    wall    INTEGER NOT NULL,
    counter INTEGER NOT NULL,
    kind    TEXT    NOT NULL,
    agent   TEXT,
    words   TEXT    NOT NULL,
    body    BLOB    NOT NULL,
    UNIQUE (origin, seq)
) STRICT;

-- The newest of all, of a kind, of an agent, of a node: each is read backwards along one index.
CREATE INDEX event_by_time ON event (wall, counter, origin);
CREATE INDEX event_by_kind ON event (kind, wall, counter, origin);
CREATE INDEX event_by_agent ON event (agent, wall, counter, origin) WHERE agent IS NOT NULL;
CREATE INDEX event_by_origin ON event (origin, wall, counter);

-- Where nodes were last reached; a hint.
CREATE TABLE address (
    node   BLOB PRIMARY KEY,
    lobby  TEXT NOT NULL,
    fabric TEXT NOT NULL
) STRICT, WITHOUT ROWID;
