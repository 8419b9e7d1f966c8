"""An agent that sends messages to others through its node, and keeps what it was sent."""

import json
import os
import sys
from collections import deque

later = deque()
asked = 0
heard = []


def send(message):
    print(json.dumps({"jsonrpc": "2.0", **message}), flush=True)


def ask(method, params):
    """Asks the node, and waits for its answer; messages that come meanwhile wait."""
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
    if method == "ask":
        return ask(params["method"], params["params"])
    if method == "where":
        return os.environ["COVEY_NODE"]
    if method == "who":
        return os.environ["COVEY_AGENT"]
    if method in ("note", "topic.message"):
        heard.append(params)
        return len(heard)
    if method == "heard":
        return heard
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
        handle(method, message.get("params"))
        continue
    try:
        send({"id": message["id"], "result": handle(method, message.get("params"))})
    except LookupError:
        send({"id": message["id"], "error": {"code": -32601, "message": "no such method"}})
