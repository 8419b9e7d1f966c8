-- Events in columns, with numbers for what repeats. Those of format 2 are taken over by the program
-- that runs this, and their table goes then.
DROP INDEX event_by_time;
DROP INDEX event_by_kind;
DROP INDEX event_by_agent;
DROP INDEX event_by_origin;
ALTER TABLE event RENAME TO event_2;

-- Nodes that events name. Of each, the events from `first` to `last` are held.
CREATE TABLE node (
    id    INTEGER PRIMARY KEY,
    node  BLOB    NOT NULL UNIQUE,
    first INTEGER NOT NULL DEFAULT 1,
    last  INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Kinds of events: what Covey sees has no dot in it, what applications tell has.
CREATE TABLE kind (
    id   INTEGER PRIMARY KEY,
    name TEXT    NOT NULL UNIQUE
) STRICT;

-- Events of all nodes, in the order in which they came here. `fact` is JSON; `kind`, `agent`,
-- `correlation` and the parent are taken from it for queries.
CREATE TABLE event (
    id          INTEGER PRIMARY KEY,
    origin      INTEGER NOT NULL,
    seq         INTEGER NOT NULL,
    wall        INTEGER NOT NULL,
    counter     INTEGER NOT NULL,
    kind        INTEGER NOT NULL,
    actor       INTEGER,
    agent       TEXT,
    correlation TEXT,
    parent_node INTEGER,
    parent_seq  INTEGER,
    fact        TEXT    NOT NULL
) STRICT;

-- The events of a node; then the newest or oldest of all, of a kind, of an agent, of a correlation,
-- each along one index; and what follows from an event.
CREATE UNIQUE INDEX event_by_origin ON event (origin, seq);
CREATE INDEX event_by_time ON event (wall, counter, origin);
CREATE INDEX event_by_kind ON event (kind, wall, counter);
CREATE INDEX event_by_agent ON event (agent, wall, counter) WHERE agent IS NOT NULL;
CREATE INDEX event_by_correlation ON event (correlation, wall, counter)
    WHERE correlation IS NOT NULL;
CREATE INDEX event_by_parent ON event (parent_node, parent_seq) WHERE parent_seq IS NOT NULL;
