#!/usr/bin/env python3
"""A Covey agent in Python that takes part in sessions, and decides by the rules in its arguments.

    agent.py --for approve --sure 80 --price 12 --want cpu=3 --most 20 --wait 0

Try it by hand:

    echo '{"jsonrpc":"2.0","id":1,"method":"session.offer"}' | python3 agent.py --price 12
"""

import argparse
import json
import os
import sys
import time


def amounts(text):
    """cpu=3,memory=8: what it wants of each resource."""
    pairs = (part.split("=") for part in text.split(",") if part)
    return {name.strip(): int(amount) for name, amount in pairs}


parser = argparse.ArgumentParser()
parser.add_argument("--for", dest="stance", default="approve", help="the option it votes for")
parser.add_argument("--sure", type=int, default=100, help="how sure it is, in percent")
parser.add_argument("--price", type=int, default=10, help="what it bids for a task")
parser.add_argument("--most", type=int, default=1, help="how many tasks it takes at a time")
parser.add_argument("--want", type=amounts, default={}, help="how much of each resource it wants")
parser.add_argument("--wait", type=float, default=0, help="seconds that it thinks")
rules = parser.parse_args()

# Sessions whose task it has accepted, and what it was given in others.
tasks = set()
given = {}


def vote(params):
    """session.vote: its option if that is there, and nothing else."""
    if rules.stance in params["body"]["options"]:
        return {"option": rules.stance, "reason": "as it was told to"}
    return {"abstain": True, "reason": f"{rules.stance} is no option"}


def weigh(params):
    """session.weigh: how much it is for it, and how sure."""
    stance = rules.stance if rules.stance in ("approve", "reject") else "neutral"
    return {"vote": stance, "confidence": rules.sure, "reason": "as it was told to"}


def offer(params):
    """session.offer: a bid, unless it has as many tasks as it takes."""
    if len(tasks) >= rules.most:
        return {"decline": f"it has {len(tasks)} tasks"}
    return {"price": rules.price, "terms": "at once"}


def accept(params):
    """session.accept: whether it still takes the task that it bid for."""
    if len(tasks) >= rules.most:
        return {"accept": False, "reason": f"it has {len(tasks)} tasks"}
    tasks.add(params["session"])
    return {"accept": True}


def demand(params):
    """session.demand: what it wants of what there is."""
    there = params["body"]["resources"]
    return {"demands": {name: want for name, want in rules.want.items() if name in there}}


def ended(params):
    """session.ended: what came out of a negotiation or an allocation."""
    if params:
        given[params["session"]] = params["result"]


METHODS = {
    "initialize": lambda params: {},
    "session.vote": vote,
    "session.weigh": weigh,
    "session.offer": offer,
    "session.accept": accept,
    "session.demand": demand,
    "session.ended": ended,
    "given": lambda params: given,
    "where": lambda params: os.environ.get("COVEY_NODE"),
}


def answer(message):
    method = METHODS.get(message["method"])
    if method is None:
        text = f"there is no method {message['method']}"
        return {"error": {"code": -32601, "message": text}}
    try:
        if message["method"].startswith("session.") and message["method"] != "session.ended":
            time.sleep(rules.wait)
        return {"result": method(message.get("params"))}
    except (KeyError, TypeError) as error:
        return {"error": {"code": -32602, "message": f"unfit parameters: {error!r}"}}


for line in sys.stdin:
    if not line.strip():
        continue
    message = json.loads(line)
    if message["method"] == "shutdown":
        break
    said = answer(message)
    if "id" in message:
        print(json.dumps({"jsonrpc": "2.0", "id": message["id"], **said}), flush=True)
