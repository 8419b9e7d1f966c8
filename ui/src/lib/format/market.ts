// Credits and auctions, in words and tones.

import type {
  Account,
  AuctionOptionView,
  AuctionPhase,
  AuctionView,
  BidState,
  Fact,
  OfferTaken,
  StatementLine,
} from "$lib/ipc/bindings";

import type { Tone } from "./agent";
import type { Part } from "./fact";
import { count, counted } from "./number";
import { span } from "./time";
import { spaced } from "./words";

export const PHASES = {
  open: { word: "Open", tone: "active" },
  revealing: { word: "Bids are opened", tone: "moving" },
  sold: { word: "Sold", tone: "ok" },
  unsold: { word: "Unsold", tone: "idle" },
  cancelled: { word: "Cancelled", tone: "idle" },
} as const satisfies Record<AuctionPhase, { word: string; tone: Tone }>;

export const BID_STATES = {
  leads: { word: "Leads", tone: "active" },
  outbid: { word: "Outbid", tone: "idle" },
  won: { word: "Won", tone: "ok" },
  sealed: { word: "Sealed", tone: "moving" },
  revealed: { word: "Open", tone: "active" },
  below_reserve: { word: "Below the reserve", tone: "warn" },
  forfeited: { word: "Deposit forfeited", tone: "bad" },
  returned: { word: "Given back", tone: "idle" },
} as const satisfies Record<BidState, { word: string; tone: Tone }>;

export const CAUSES = {
  payment: "Payment",
  refund: "Given back",
  forfeit: "Forfeited: not opened",
} as const;

/** Whose account it is. */
export function accountWords(account: Account, nodeName: (id: string) => string): string {
  const [sort, ...rest] = account.split("/");
  if (sort === "owner") return nodeName(rest.join("/"));
  if (sort === "agent") return rest.join("/");
  return { issue: "Issued credits", fees: "Fees", escrow: "Escrow" }[account] ?? account;
}

/** The account that a person names: as it is written, or by the name of a node or an agent. */
export function accountNamed(
  text: string,
  nodes: readonly { id: string; name: string }[],
  agents: readonly { id: string }[],
): Account | null {
  if (text.includes("/")) return text;
  const owned = nodes.filter(({ name }) => name === text);
  const agent = agents.some(({ id }) => id === text);
  const [node] = owned;
  if (node !== undefined) return owned.length === 1 && !agent ? `owner/${node.id}` : null;
  return agent ? `agent/${text}` : null;
}

export function creditsWords(amount: number): string {
  return counted(amount, "credit");
}

/** How much longer it takes bids, or how it ended. */
export function auctionWords(auction: AuctionView, nodeName: (id: string) => string): string {
  const sale = auction.outcome?.sale;
  if (sale) return `${accountWords(sale.winner, nodeName)} for ${count(sale.price)}`;
  if (auction.due_in_ms !== null) return `${span(auction.due_in_ms)} left`;
  return auction.reason === null || auction.reason === "" ? "Nobody" : auction.reason;
}

/** The outcome worked out, as a sentence. */
export function outcomeWords(auction: AuctionView, nodeName: (id: string) => string): string {
  const sale = auction.outcome?.sale;
  if (!sale) {
    return auction.phase === "cancelled" ? "The seller took the lot back." : "Nobody got the lot.";
  }
  const who = accountWords(sale.winner, nodeName);
  const pays = sale.price === sale.bid ? "which is paid" : `and pays ${count(sale.price)}`;
  return `${who} bid ${count(sale.bid)}, ${pays} to ${accountWords(auction.seller, nodeName)}.`;
}

export function takenWords(taken: OfferTaken): string {
  if (taken === "revealed") return "The bid is open";
  if (taken === "below_reserve") return "The bid is open, and below the reserve";
  if ("leads" in taken) return "The bid leads";
  if ("won" in taken) return `The lot is yours, for ${creditsWords(taken.won.price)}`;
  return `The bid is sealed; ${creditsWords(taken.committed.deposit)} are held until it is opened`;
}

/** What a line of a statement is for. */
export function lineWords(line: StatementLine): string {
  const why = typeof line.why === "string" ? line.why : (Object.keys(line.why)[0] ?? "");
  const word = why.charAt(0).toUpperCase() + why.slice(1);
  if (line.rent !== null) return `${word}, a minute of ${line.rent}`;
  if (line.task !== null) return `${word}, task ${line.task}`;
  return line.auction === null ? word : `${word}, auction ${line.auction}`;
}

/** The number that a person typed for an option; null if it is none within its bounds. */
export function optionValue(option: AuctionOptionView, text: string): number | null {
  const value = Number(text);
  const whole = text.trim() !== "" && Number.isSafeInteger(value);
  return whole && value >= option.least && value <= option.most ? value : null;
}

type Of<K extends Fact["kind"]> = Omit<Extract<Fact, { kind: K }>, "kind">;

function party(account: Account): Part {
  const [sort, ...rest] = account.split("/");
  if (sort === "owner") return { node: rest.join("/") };
  return sort === "agent" ? { agent: rest.join("/") } : account;
}

export function creditsIssued({ to, amount }: Of<"credits_issued">): Part[] {
  return [party(to), ` has ${counted(amount, "new credit")}`];
}

export function agentUnpaid({ name, why }: Of<"agent_unpaid">): Part[] {
  return [{ agent: name }, ` has no place any more, as its next minute is not paid: ${why}`];
}

export function auctionOpened(fact: Of<"auction_opened">): Part[] {
  const kind = spaced(fact.auction_kind);
  return [`Auction ${fact.auction} (${kind}) of ${fact.lot} by `, party(fact.seller), " is open"];
}

export function auctionClosed(fact: Of<"auction_closed">): Part[] {
  const { auction, lot, winner, price, seller } = fact;
  if (winner === null) return [`Auction ${auction}: nobody got ${lot}`];
  const paid = ` got ${lot} for ${creditsWords(price ?? 0)} from `;
  return [`Auction ${auction}: `, party(winner), paid, party(seller)];
}

export function auctionCancelled({ auction, lot, reason }: Of<"auction_cancelled">): Part[] {
  return [`Auction ${auction} of ${lot} was cancelled${reason === "" ? "" : `: ${reason}`}`];
}
