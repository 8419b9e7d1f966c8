// The market of the made-up cluster: an auction of each way of bidding, and a ledger that adds up.

import { Refused } from "./refused.mjs";

const PUBLIC_KEY =
  "04" +
  // The generator of P-256: any point serves to seal for a node that never opens.
  "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296" +
  "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";

const option = (name, unit, value, doc, [least, most] = [0, 2 ** 53 - 1]) => ({
  ...{ name, unit, default: value, least, most, doc },
});
const RESERVE = option(
  "reserve",
  "credits",
  0,
  "The least that the lot is sold for.",
);
const SEALED = [
  RESERVE,
  option(
    "deposit",
    "credits",
    10,
    "What each bidder leaves with a sealed bid, and forfeits by not opening it.",
    [1, 2 ** 53 - 1],
  ),
  option(
    "reveal",
    "ms",
    10_000,
    "How long bids are opened once no more are taken.",
    [100, 86_400_000],
  ),
];
const RULES = {
  english:
    "The highest bid wins and is paid. Two bids are never equal: each is higher than the last.",
  dutch:
    "The first who accepts wins, in the order in which the cluster agrees, and pays the price of that moment.",
  first_price:
    "The highest bid wins and is paid; of equal bids that which was committed first.",
  vickrey:
    "The highest bid wins, of equal bids that which was committed first; it pays the second highest, or the reserve if there is none.",
};
const KINDS = [
  {
    name: "english",
    summary:
      "Everyone sees the highest bid, and may bid more. What leads is held; who is outbid has the credits back at once.",
    options: [
      RESERVE,
      option(
        "increment",
        "credits",
        1,
        "How much a bid has to be above the last, at least.",
        [1, 2 ** 53 - 1],
      ),
      option(
        "buy_now",
        "credits",
        0,
        "A bid of so much takes the lot at once, at this price; 0: none does.",
      ),
      option(
        "extension",
        "ms",
        0,
        "A bid that comes later than so long before the end moves the end to so long after it (against sniping); 0: none does.",
        [0, 3_600_000],
      ),
    ],
    offers: ["bid"],
  },
  {
    name: "dutch",
    summary:
      "The price falls step by step, by the cluster's clock. Whoever takes it first has the lot.",
    options: [
      option("start", "credits", null, "The price at the beginning.", [
        1,
        2 ** 53 - 1,
      ]),
      option("floor", "credits", 0, "The least that the price falls to."),
      option("step", "credits", null, "How much it falls each time.", [
        1,
        2 ** 53 - 1,
      ]),
      option("interval", "ms", 1_000, "How often it falls.", [10, 86_400_000]),
    ],
    offers: ["accept"],
  },
  {
    name: "first_price",
    summary:
      "Nobody sees a bid before all are in. Then each bidder opens its own, or forfeits the deposit.",
    options: SEALED,
    offers: ["commit", "reveal"],
  },
  {
    name: "vickrey",
    summary:
      "Nobody sees a bid before all are in. Then each bidder opens its own, or forfeits the deposit. The winner pays less than it bid, so it is best to bid what the lot is worth.",
    options: SEALED,
    offers: ["commit", "reveal"],
  },
].map((kind) => ({ ...kind, rule: RULES[kind.name] }));

const bid = (place, bidder, amount, after_ms, state) => ({
  ...{ place, bidder, amount, after_ms, state },
});

export class Market {
  static COMMANDS = new Set([
    ...["auction.create", "auction.bid", "auction.accept", "auction.commit"],
    ...["auction.close", "auction.cancel", "auction.list", "auction.get"],
    ...["auction.kinds", "market.key", "ledger.accounts", "ledger.statement"],
    ...["ledger.issue", "ledger.transfer"],
  ]);

  constructor(world) {
    this.world = world;
    this.me = `owner/${world.self.id}`;
    this.auctions = [];
    this.postings = [];
    /** What the panel sent, to be searched for what it must not send. */
    this.sent = [];
    const other = world.nodes.find(({ id }) => id !== world.self.id);
    if (other !== undefined) this.fill(`owner/${other.id}`);
  }

  fill(other) {
    this.other = other;
    this.post("issue", this.me, 1_000, "issued");
    this.post("issue", other, 1_000, "issued");
    this.post("issue", "agent/planner-3", 500, "issued");
    const agent = "agent/planner-3";
    this.open("english", "an hour of a GPU", other, 41_000, {
      drawn: "ladder",
      ...{ reserve: 40, increment: 5, buy_now: 200, extended: 1 },
      rows: [
        bid(4, agent, 85, 17_400, "leads"),
        bid(3, this.me, 70, 12_100, "outbid"),
        bid(2, agent, 55, 6_200, "outbid"),
        bid(1, this.me, 40, 1_300, "outbid"),
      ],
    });
    this.post(agent, "escrow", 85, { held: 1 }, 1);
    this.open("dutch", "a slot at noon", other, 52_000, {
      drawn: "clock",
      ...{ start: 120, floor: 30, step: 5, interval_ms: 2_000 },
      ...{ lasts_ms: 60_000, price: 100, falls_in_ms: 1_400, taken: null },
    });
    this.open("vickrey", "a batch job", this.me, 9_000, {
      drawn: "envelopes",
      ...{ reserve: 10, deposit: 10, reveal_ms: 10_000 },
      rows: [
        bid(1, other, null, 2_100, "sealed"),
        bid(2, agent, null, 4_800, "sealed"),
      ],
    });
    const over = this.open("vickrey", "yesterday's batch job", other, null, {
      drawn: "envelopes",
      ...{ reserve: 10, deposit: 10, reveal_ms: 10_000 },
      rows: [
        bid(1, this.me, 90, 2_100, "won"),
        bid(2, agent, 60, 4_800, "outbid"),
        bid(3, "agent/renderer", null, 5_300, "forfeited"),
      ],
    });
    over.phase = "sold";
    over.outcome = {
      sale: { winner: this.me, bid: 90, price: 60 },
      flows: [
        { from: this.me, to: other, amount: 60, cause: "payment" },
        { from: this.me, to: this.me, amount: 30, cause: "refund" },
        { from: agent, to: agent, amount: 60, cause: "refund" },
        {
          ...{ from: "agent/renderer", to: "fees", amount: 10 },
          cause: "forfeit",
        },
      ],
    };
    this.post("issue", "agent/renderer", 10, "issued");
    this.post("agent/renderer", "fees", 10, { forfeited: 2 }, 4);
    this.post(this.me, other, 60, { captured: 3 }, 4);
  }

  open(kind, lot, seller, due_in_ms, picture) {
    const auction = {
      ...{ auction: this.auctions.length + 1, kind, lot, seller },
      by: seller.split("/")[1] ?? this.world.self.id,
      phase: "open",
      at: 1_764_295_200_000,
      open_ms: 19_000,
      due_in_ms,
      qualification: { capability: null, bidders: [] },
      ...{ solicits: false, asked: [], rule: RULES[kind], picture },
      ...{ outcome: null, reason: null },
    };
    this.auctions.push(auction);
    return auction;
  }

  post(debit, credit, amount, why, auction = null) {
    this.postings.push({
      task: null,
      rent: null,
      posting: this.postings.length + 1,
      at: 1_764_295_200_000 + 1_000 * this.postings.length,
      wish: 1_200 + this.postings.length,
      by: this.world.self.id,
      ...{ why, auction, debit, credit, amount },
    });
  }

  view(auction, whole) {
    const { picture } = auction;
    const rows = picture.rows ?? [];
    const open = auction.phase === "open";
    const best = rows.find(({ state }) => state === "leads");
    const asks =
      picture.drawn === "clock"
        ? picture.price
        : picture.drawn === "ladder"
          ? (best?.amount ?? picture.reserve) + (best ? picture.increment : 0)
          : null;
    return {
      ...auction,
      asks: open ? asks : null,
      leader: best?.bidder ?? null,
      bids: rows.length + (picture.taken ? 1 : 0),
      picture: whole ? picture : null,
    };
  }

  call(command, args) {
    this.sent.push(JSON.stringify({ command, args }));
    switch (command) {
      case "auction.list":
        return this.auctions.map((one) => this.view(one, false)).toReversed();
      case "auction.get":
        return this.view(this.find(args.auction), true);
      case "auction.kinds":
        return KINDS;
      case "market.key":
        return { key: PUBLIC_KEY };
      case "ledger.accounts":
        return this.accounts();
      case "ledger.statement":
        return this.statement(args.account);
      case "auction.create":
        return this.create(args);
      case "ledger.issue":
        this.post("issue", args.to, args.amount, "issued");
        return { posting: this.postings.length };
      case "ledger.transfer":
        this.pays(this.me, args.amount);
        this.post(this.me, args.to, args.amount, "transferred");
        return { posting: this.postings.length };
      default:
        return this.trade(command, this.find(args.auction), args);
    }
  }

  trade(command, auction, args) {
    const { picture } = auction;
    switch (command) {
      case "auction.bid": {
        const { asks } = this.view(auction, true);
        if (args.amount < asks)
          this.refuse(
            { auction: { too_low: { least: asks } } },
            `${asks} credits is the least to bid`,
          );
        this.pays(this.me, args.amount);
        for (const row of picture.rows) row.state = "outbid";
        const place = picture.rows.length + 1;
        picture.rows.unshift(
          bid(place, this.me, args.amount, auction.open_ms, "leads"),
        );
        this.post(this.me, "escrow", args.amount, { held: place + 10 }, 1);
        return { taken: { leads: { closes: 0 } } };
      }
      case "auction.accept":
        picture.taken = bid(
          ...[1, this.me, picture.price, auction.open_ms, "won"],
        );
        return this.sell(auction, picture.price);
      case "auction.commit":
        picture.rows.push(
          bid(picture.rows.length + 1, this.me, null, 9_000, "sealed"),
        );
        return {
          taken: { committed: { place: picture.rows.length, deposit: 10 } },
        };
      case "auction.close":
      case "auction.cancel":
        auction.phase = command === "auction.close" ? "revealing" : "cancelled";
        auction.due_in_ms = command === "auction.close" ? 10_000 : null;
        return { phase: auction.phase };
    }
  }

  sell(auction, price) {
    auction.phase = "sold";
    auction.due_in_ms = null;
    const flow = { from: this.me, to: auction.seller, amount: price };
    auction.outcome = {
      sale: { winner: this.me, bid: price, price },
      flows: [{ ...flow, cause: "payment" }],
    };
    this.post(this.me, auction.seller, price, { captured: 20 }, 2);
    return { taken: { won: { price } } };
  }

  create({ kind, lot, duration_ms, options }) {
    const picture =
      kind === "english"
        ? {
            drawn: "ladder",
            reserve: options.reserve ?? 0,
            increment: options.increment ?? 1,
            ...{ buy_now: null, extended: 0, rows: [] },
          }
        : kind === "dutch"
          ? {
              drawn: "clock",
              start: options.start,
              floor: options.floor ?? 1,
              step: options.step,
              interval_ms: options.interval ?? 1_000,
              lasts_ms: duration_ms,
              price: options.start,
              ...{ falls_in_ms: 900, taken: null },
            }
          : {
              drawn: "envelopes",
              reserve: options.reserve ?? 0,
              deposit: options.deposit ?? 10,
              reveal_ms: options.reveal ?? 10_000,
              rows: [],
            };
    const opened = this.open(kind, lot, this.me, duration_ms, picture);
    opened.open_ms = 0;
    return { auction: opened.auction };
  }

  accounts() {
    const balances = new Map();
    const add = (account, by) =>
      balances.set(account, (balances.get(account) ?? 0) + by);
    for (const { debit, credit, amount } of this.postings) {
      add(debit, -amount);
      add(credit, amount);
    }
    return [...balances].map(([account, balance]) => ({
      ...{ account, balance },
      held: account === "agent/planner-3" ? 85 : 0,
      node: account.startsWith("owner/") ? account.split("/")[1] : null,
    }));
  }

  statement(account) {
    let balance = 0;
    const lines = this.postings
      .filter(({ debit, credit }) => debit === account || credit === account)
      .map(({ debit, credit, amount, ...rest }) => {
        const change = debit === account ? -amount : amount;
        balance += change;
        const other = debit === account ? credit : debit;
        return { ...rest, other, change, balance };
      });
    return { account, brought_forward: 0, lines, balance, holds: [] };
  }

  pays(account, amount) {
    const { balance } = this.statement(account);
    if (balance < amount)
      this.refuse(
        { ledger: { insufficient: { account, balance, amount } } },
        `${account} has ${balance} credits, not ${amount}`,
      );
  }

  find(number) {
    const found = this.auctions.find(({ auction }) => auction === number);
    if (found === undefined)
      this.refuse(
        { auction: { no_auction: { auction: number } } },
        `there is no auction ${number}`,
      );
    return found;
  }

  refuse(reason, why) {
    throw new Refused(
      { code: "market_refused", reason },
      "Nothing was paid or bid.",
      `It cannot be: ${why}.`,
      "Bid more, or leave it.",
    );
  }
}
