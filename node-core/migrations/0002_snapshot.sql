-- The copy of an agent's state that this node keeps: its name, and the copy as the wire spells it.
CREATE TABLE snapshot (
    name TEXT PRIMARY KEY NOT NULL,
    body BLOB NOT NULL
) STRICT, WITHOUT ROWID;
