#!/usr/bin/env python3
"""A Covey agent in Python, without any package: it greets people and counts their words.

Try it by hand:

    echo '{"jsonrpc":"2.0","id":1,"method":"greet","params":{"name":"Ada"}}' | python3 agent.py
"""

import json
import os
import sys
from collections import Counter

# What is given by snapshot() goes along when the agent moves, and survives the loss of its machine.
greeted = Counter()
words = Counter()


def initialize(params):
    log(f"{params.get('name')} runs on node {params.get('node', '')[:8]}, life {params.get('epoch')}")
    return {}


def greet(params):
    """greet {"name": "Ada"}: a greeting that knows how often you came."""
    name = text(params, "name")
    greeted[name] += 1
    times = greeted[name]
    return f"Hello, {name}!" if times == 1 else f"Hello again, {name}! That makes {times}."


def count(params):
    """count {"text": "..."}: adds the words of a text; tells how many there were."""
    found = text(params, "text").lower().split()
    words.update(found)
    return len(found)


def top(params):
    """top {"limit": 3}: the most frequent words so far."""
    return words.most_common((params or {}).get("limit", 10))


def crash(params):
    """crash: fails on purpose, to see what Covey makes of it."""
    log("about to fail, as asked")
    raise RuntimeError("this agent was asked to crash")


def snapshot(params):
    """covey/snapshot: everything to go on from elsewhere."""
    return {"greeted": greeted, "words": words}


def restore(params):
    """covey/restore {"state": ...}: goes on from what snapshot() gave, before the first message."""
    greeted.update(params["state"]["greeted"])
    words.update(params["state"]["words"])
    log(f"goes on after {sum(greeted.values())} greetings")


METHODS = {f.__name__: f for f in (initialize, greet, count, top, crash)}
METHODS |= {"covey/snapshot": snapshot, "covey/restore": restore}


class BadParams(Exception):
    pass


def text(params, key):
    value = (params or {}).get(key)
    if not isinstance(value, str):
        raise BadParams(f"{key} must be a text")
    return value


def log(line):
    """Whatever goes to standard error is kept, and shown by `covey agent logs`."""
    print(line, file=sys.stderr, flush=True)


def send(message):
    """One message a line, and nothing else ever on standard output."""
    print(json.dumps({"jsonrpc": "2.0", **message}), flush=True)


def main():
    for line in sys.stdin:
        request = json.loads(line)
        ident, method = request.get("id"), request.get("method")
        if ident is None:
            if method == "shutdown":
                log(f"goodbye after {sum(greeted.values())} greetings")
                return
            continue
        if method not in METHODS:
            send({"id": ident, "error": {"code": -32601, "message": f"there is no method {method}"}})
            continue
        try:
            send({"id": ident, "result": METHODS[method](request.get("params"))})
        except BadParams as error:
            send({"id": ident, "error": {"code": -32602, "message": str(error)}})


if __name__ == "__main__":
    main()
