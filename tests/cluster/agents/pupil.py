"""An agent that does what a test tells it to: answers, writes, falls over."""

import json
import os
import sys

calls = 0


def handle(method, params):
    if method == "initialize":
        if "stillborn" in sys.argv:
            print("born to fail", file=sys.stderr, flush=True)
            os._exit(7)
        return {}
    if method == "where":
        names = ("COVEY_AGENT", "COVEY_NODE", "COVEY_EPOCH")
        return {name: os.environ[name] for name in names} | {"pid": os.getpid(), "calls": calls}
    if method == "say":
        print(params, file=sys.stderr, flush=True)
        return "said"
    if method == "crash":
        print("last words", file=sys.stderr, flush=True)
        os._exit(3)
    raise LookupError(method)


for line in sys.stdin:
    message = json.loads(line)
    method = message.get("method")
    if method == "shutdown":
        break
    if "id" not in message:
        continue
    answer = {"jsonrpc": "2.0", "id": message["id"]}
    try:
        answer["result"] = handle(method, message.get("params"))
    except LookupError:
        answer["error"] = {"code": -32601, "message": "no such method"}
    calls += method != "initialize"
    print(json.dumps(answer), flush=True)
