#!/usr/bin/env python3
"""A Covey agent in Python, without any package, that bids in auctions.

It has a budget, and for each lot a private value that it tells nobody. Try it by hand:

    echo '{"jsonrpc":"2.0","id":1,"method":"auction.bid","params":{"auction":{"auction":7,
    "kind":"vickrey","lot":"a batch job"},"you":{"account":"agent/me","balance":50}}}' \
        | tr -d '\n' | python3 agent.py
"""

import argparse
import hashlib
import json
import secrets
import sys

options = argparse.ArgumentParser()
options.add_argument("--budget", type=int, default=100)
budget = options.parse_args().budget

# What lots are worth to it, as far as it was told.
values = {}
# What opens its sealed bids: it leaves this process only when bids are opened.
sealed = {}


def value(params):
    """value {"lot": "...", "credits": 70}: what a lot is worth to this agent."""
    values[params["lot"]] = params["credits"]


def worth(auction, you):
    """No more than it is worth, than the agent may spend, and than it has."""
    lot = auction["lot"]
    if lot not in values:
        # An opinion of its own: from 20 to 119, by its name and the lot.
        digest = hashlib.sha256(f"{you['account']}\n{lot}".encode()).digest()
        values[lot] = 20 + digest[0] % 100
    return min(values[lot], budget, you["balance"])


def bid(params):
    """auction.bid: what this agent wants in an auction; asked again whenever it is outbid."""
    auction, you = params["auction"], params["you"]
    most = worth(auction, you)
    if most <= 0:
        return {"pass": True}
    kind = auction["kind"]
    if kind == "english":
        asks = auction["asks"]
        return {"bid": asks} if asks <= most else {"pass": True}
    if kind == "dutch":
        return {"accept": most}
    if kind in ("first_price", "vickrey"):
        # Who pays its own bid keeps something; who pays the next one bids what it is worth.
        amount = max(1, most * 3 // 4) if kind == "first_price" else most
        amount, nonce = sealed.setdefault(auction["auction"], (amount, secrets.token_hex(32)))
        return {"commit": commitment(auction["auction"], you["account"], amount, nonce)}
    return {"pass": True}


def commitment(auction, account, amount, nonce):
    text = f"covey sealed bid 1\n{auction}\n{account}\n{amount}\n{nonce}\n"
    return hashlib.sha256(text.encode()).hexdigest()


def open_bid(params):
    """auction.open: shows what was committed, when bids are opened."""
    amount, nonce = sealed[params["auction"]["auction"]]
    return {"amount": amount, "nonce": nonce}


METHODS = {"initialize": lambda params: {}, "value": value}
METHODS |= {"auction.bid": bid, "auction.open": open_bid}


def send(message):
    """One message a line, and nothing else ever on standard output."""
    print(json.dumps({"jsonrpc": "2.0", **message}), flush=True)


def main():
    for line in sys.stdin:
        request = json.loads(line)
        ident, method = request.get("id"), request.get("method")
        if ident is None:
            if method == "shutdown":
                return
            continue
        if method not in METHODS:
            send({"id": ident, "error": {"code": -32601, "message": f"there is no method {method}"}})
            continue
        try:
            send({"id": ident, "result": METHODS[method](request.get("params"))})
        except (KeyError, TypeError) as error:
            send({"id": ident, "error": {"code": -32602, "message": f"unfit parameters: {error}"}})


if __name__ == "__main__":
    main()
