"""An agent that writes, ten times a second, that it is there: who it is, under which token, and when
by a clock that all processes of the machine share."""

import json
import os
import sys
import threading
import time

ledger, token = sys.argv[1], os.environ["COVEY_TOKEN"]


def note(what):
    line = f"{what} {os.getpid()} {token} {time.clock_gettime_ns(time.CLOCK_MONOTONIC)}\n"
    # One write of some bytes at the end of a file is not mixed with another.
    file = os.open(ledger, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(file, line.encode())
    os.close(file)


def beat():
    while True:
        note("here")
        time.sleep(0.1)


threading.Thread(target=beat, daemon=True).start()
asked = 0


def ask(method, params):
    global asked
    asked += 1
    ident = f"q{asked}"
    print(json.dumps({"jsonrpc": "2.0", "id": ident, "method": method, "params": params}), flush=True)
    for line in sys.stdin:
        message = json.loads(line)
        if message.get("id") == ident and "method" not in message:
            return message
    sys.exit(0)


for line in sys.stdin:
    message = json.loads(line)
    method = message.get("method")
    if method == "shutdown":
        break
    if "id" not in message:
        continue
    answer = {"jsonrpc": "2.0", "id": message["id"], "result": {}}
    if method == "where":
        names = ("COVEY_AGENT", "COVEY_NODE", "COVEY_EPOCH", "COVEY_TOKEN")
        answer["result"] = {name: os.environ[name] for name in names} | {"pid": os.getpid()}
    if method == "write":
        fence = {"place": {"kind": "agent", "name": os.environ["COVEY_AGENT"]}, "token": int(token)}
        wish = {"variable": "page", "value": message["params"], "fence": fence}
        answer["result"] = ask("variable.set", wish)
    print(json.dumps(answer), flush=True)
