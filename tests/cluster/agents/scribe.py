"""An agent that takes a lock of the cluster, and writes what the lock guards through its node."""

import json
import os
import sys
from collections import deque

later = deque()
asked = 0
DOOR = {"kind": "lock", "name": "ledger"}


def send(message):
    print(json.dumps({"jsonrpc": "2.0", **message}), flush=True)


def ask(method, params):
    """Asks the node, and waits for its answer; calls that come meanwhile wait."""
    global asked
    asked += 1
    ident = f"q{asked}"
    send({"id": ident, "method": method, "params": params})
    for line in sys.stdin:
        message = json.loads(line)
        if message.get("id") == ident and "method" not in message:
            return message
        later.append(message)
    sys.exit(0)


def handle(method, params):
    if method == "initialize":
        return {}
    if method == "where":
        names = ("COVEY_AGENT", "COVEY_NODE", "COVEY_EPOCH")
        return {name: os.environ[name] for name in names} | {"pid": os.getpid()}
    if method == "take":
        return ask("lease.acquire", {"place": DOOR, "lease_ms": 2_000, "wait_ms": 30_000})
    if method == "write":
        fence = {"place": DOOR, "token": params["token"]}
        wish = {"variable": "page", "value": params["text"], "fence": fence}
        return ask("variable.set", wish)
    raise LookupError(method)


def messages():
    while True:
        if later:
            yield later.popleft()
        elif line := sys.stdin.readline():
            yield json.loads(line)
        else:
            return


for message in messages():
    method = message.get("method")
    if method == "shutdown":
        break
    if "id" not in message:
        continue
    try:
        send({"id": message["id"], "result": handle(method, message.get("params"))})
    except LookupError:
        send({"id": message["id"], "error": {"code": -32601, "message": "no such method"}})
