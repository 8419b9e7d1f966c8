-- Variables of this node alone: the name, and the variable as the wire spells it.
CREATE TABLE local (
    name TEXT PRIMARY KEY NOT NULL,
    body BLOB NOT NULL
) STRICT, WITHOUT ROWID;
