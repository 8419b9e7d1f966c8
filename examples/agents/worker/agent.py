#!/usr/bin/env python3
"""A worker: it does the tasks that it is given, and does none of them twice.

Covey calls it like any agent, with a key that is the task's own and the same in each attempt. An
attempt before may have died after its effect and before its answer; so the effect is written together
with the key, and only if the key is not there yet. Here that is a file under a lock; in a database it
is a column that is unique.

Arguments: the file of effects, and how long a task takes, in seconds.
"""

import fcntl
import json
import os
import sys
import time


def once(key, effect):
    """Writes what was done under its key, unless it is there; gives what is there."""
    with open(EFFECTS, "a+b") as log:
        fcntl.flock(log, fcntl.LOCK_EX)
        log.seek(0)
        lines, _, torn = log.read().rpartition(b"\n")
        if torn:
            # A writer died in the middle: that was never done.
            log.truncate(len(lines) + bool(lines))
        for line in lines.splitlines():
            there, done = line.split(b"\t", 1)
            if there.decode() == key:
                return json.loads(done)
        log.write(f"{key}\t{json.dumps(effect)}\n".encode())
        return effect


def work(message):
    time.sleep(TAKES)
    effect = {"did": message.get("params"), "agent": os.environ.get("COVEY_AGENT")}
    return once(message.get("key", "by hand"), effect)


def main():
    for line in sys.stdin:
        message = json.loads(line)
        ident, method = message.get("id"), message.get("method")
        if method == "shutdown":
            return
        if ident is None:
            continue
        answer = {"jsonrpc": "2.0", "id": ident}
        if method == "work":
            answer["result"] = work(message)
        elif method == "initialize":
            answer["result"] = {}
        else:
            answer["error"] = {"code": -32601, "message": f"there is no method {method}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    EFFECTS, TAKES = sys.argv[1], float(sys.argv[2])
    main()
