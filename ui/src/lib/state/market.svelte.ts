// Credits and auctions, read while a page shows them.

import { untrack } from "svelte";

import type {
  Account,
  AccountView,
  AuctionKindView,
  AuctionView,
  Statement,
} from "$lib/ipc/bindings";
import type { Args } from "$lib/ipc/protocol";
import { creditsWords, takenWords } from "$lib/format/market";

import { ask, deed, type Result } from "./commands";
import { link } from "./link.svelte";
import { notify } from "./notices.svelte";
import { seal } from "./sealing";

/** A ladder and a falling price are looked at as they change; what is over changes no more. */
const AGAIN_MS = 500;

class Market {
  /** Open ones first; undefined: not read yet. */
  auctions = $state.raw<readonly AuctionView[]>();
  accounts = $state.raw<readonly AccountView[]>([]);
  kinds = $state.raw<readonly AuctionKindView[]>([]);
  /** The one that is looked at. */
  shown = $state.raw<AuctionView>();
  statement = $state.raw<Statement>();
  /** Why they were not read the last time. */
  fault = $state<string | null>(null);

  readonly #live = $derived(link().kind === "live");
  #asking = false;

  /** Reads on, also one auction or one account, until the function it gives is called. */
  start(watched: () => { auction: number | null; account: string | null }): () => void {
    return $effect.root(() => {
      $effect(() => {
        if (!this.#live) return;
        const { auction, account } = watched();
        untrack(() => void this.#read(auction, account));
        const timer = setInterval(() => void this.#read(auction, account), AGAIN_MS);
        return () => {
          clearInterval(timer);
        };
      });
    });
  }

  /** Opens an auction; its number. */
  async create(terms: Args<"auction.create">): Promise<Result<{ auction: number }>> {
    const result = await ask("auction.create", terms);
    if (result.ok) notify("ok", `Auction ${result.value.auction} is open`);
    return result;
  }

  /** Bids, or takes the lot, or seals a bid: as the kind has it. */
  async offer(auction: AuctionView, amount: number, me: string): Promise<string | null> {
    const result = await this.#offer(auction, amount, me);
    if (!result.ok) return result.text;
    notify("ok", takenWords(result.value.taken));
    return null;
  }

  close = ({ auction }: AuctionView) =>
    deed(`Auction ${auction} takes no more bids`, "auction.close", { auction });
  cancel = ({ auction }: AuctionView) =>
    deed(`Auction ${auction} is cancelled`, "auction.cancel", { auction });

  /** Gives credits of this node's user, or new ones. */
  pay(deedName: "ledger.issue" | "ledger.transfer", to: Account, amount: number, who: string) {
    const done = deedName === "ledger.issue" ? "issued" : "transferred";
    const are = amount === 1 ? "is" : "are";
    return deed(`${creditsWords(amount)} ${are} ${done} to ${who}`, deedName, { to, amount });
  }

  async #offer({ auction, picture }: AuctionView, amount: number, me: string) {
    if (picture?.drawn === "clock") return ask("auction.accept", { auction, most: amount });
    if (picture?.drawn === "ladder") return ask("auction.bid", { auction, amount });
    const key = await ask("market.key", {});
    if (!key.ok) return key;
    const sealed = await seal(key.value.key, auction, `owner/${me}`, amount);
    return ask("auction.commit", { auction, ...sealed });
  }

  async #read(auction: number | null, account: string | null): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    const stale = true;
    if (this.kinds.length === 0) {
      const kinds = await ask("auction.kinds", {});
      if (kinds.ok) this.kinds = kinds.value;
    }
    const [auctions, accounts] = await Promise.all([
      ask("auction.list", { stale }),
      ask("ledger.accounts", { stale }),
    ]);
    if (auction !== null) {
      const shown = await ask("auction.get", { auction, stale });
      if (shown.ok) this.shown = shown.value;
    }
    if (account !== null) {
      const statement = await ask("ledger.statement", { account, stale });
      if (statement.ok) this.statement = statement.value;
    }
    this.#asking = false;
    if (auctions.ok) this.auctions = auctions.value;
    if (accounts.ok) this.accounts = accounts.value;
    this.fault = auctions.ok ? null : auctions.text;
  }
}

export const market = new Market();
