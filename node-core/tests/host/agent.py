"""An agent that does on demand what agents of people do by accident."""

import json
import os
import subprocess
import sys
import threading
import time


def send(message):
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def spawn(params):
    command = ["sleep", "1000"]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL).pid


def eat(params):
    hoard.append(bytearray(os.urandom(1)) * (params["mib"] << 20))
    return len(hoard)


def log(params):
    send({"jsonrpc": "2.0", "method": "log", "params": {"message": params["text"]}})


def ask_echo(number):
    send({"jsonrpc": "2.0", "id": number, "method": "echo", "params": {"a": number}})


hoard = []
kept = []
methods = {
    "initialize": lambda params: {},
    "echo": lambda params: params,
    "pid": lambda params: os.getpid(),
    "about": lambda params: {"environment": dict(os.environ), "folder": os.getcwd(), "files": sorted(os.listdir())},
    "crash": lambda params: 1 // 0,
    "exit": lambda params: os._exit(params["code"]),
    "garble": lambda params: print("hello, I am no message", flush=True),
    "complain": lambda params: print(params["text"], file=sys.stderr, flush=True),
    "hang": lambda params: time.sleep(1000),
    "ask_echo": lambda params: [ask_echo(number) for number in range(params["times"])],
    "ask": lambda params: send({"jsonrpc": "2.0", "id": "mine", "method": "whatever"}),
    "kept": lambda params: kept,
    "spawn": spawn,
    "eat": eat,
    "log": log,
}

for line in sys.stdin:
    message = json.loads(line)
    method, params, ident = message.get("method"), message.get("params"), message.get("id")
    if method == "shutdown":
        print("goodbye", file=sys.stderr, flush=True)
        if os.environ.get("STUBBORN"):
            time.sleep(1000)
        break
    elif method == "later":
        answer = {"jsonrpc": "2.0", "id": ident, "result": params["ms"]}
        threading.Timer(params["ms"] / 1000, send, [answer]).start()
    elif method == "keep":
        kept.append([params, message.get("key"), "id" in message])
        if "id" in message:
            send({"jsonrpc": "2.0", "id": ident, "result": None})
    elif method in methods and "id" not in message:
        methods[method](params)
    elif method in methods:
        send({"jsonrpc": "2.0", "id": ident, "result": methods[method](params)})
    elif method is None:
        print("answered: " + line.strip(), file=sys.stderr, flush=True)
    else:
        send({"jsonrpc": "2.0", "id": ident, "error": {"code": -32601, "message": "no such method", "data": [method]}})
