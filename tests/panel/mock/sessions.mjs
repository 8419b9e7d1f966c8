// The sessions of the made-up cluster: one of each kind of picture, and one that a person begins.

const option = (name, kind, value, doc, rest = {}) => ({
  ...{ name, kind, default: value, doc, choices: [], unit: "", ...rest },
});
const EARLY = option(
  "early",
  "choice",
  "yes",
  "Whether it ends once nothing that may still come can change what it is called.",
  { choices: ["yes", "no"] },
);

const PROTOCOLS = [
  {
    name: "vote",
    doc: "Each participant has one ballot; the option that enough of all participants are for wins. With the rule unanimous any dissent or absence blocks.",
    quorum_percent: 50,
    options: [
      option("options", "texts", "approve, reject", "What can be voted for."),
      option("rule", "choice", "majority", "Who must be for the winner.", {
        choices: ["majority", "super_majority", "unanimous", "plurality"],
      }),
      EARLY,
    ],
  },
  {
    name: "weighted",
    doc: "Each participant says how much it is for the subject and how sure it is; its word counts by a weight that follows from how it did before.",
    quorum_percent: 50,
    options: [
      option("threshold", "whole", "60", "How much support it takes.", {
        unit: "%",
      }),
      EARLY,
    ],
  },
  {
    name: "contract_net",
    doc: "A task is announced and participants bid a price and terms; the best bid is awarded, and its bidder accepts or refuses.",
    quorum_percent: 0,
    options: [
      option("limit", "whole", "", "The highest price that is awarded."),
    ],
  },
  {
    name: "allocation",
    doc: "Participants say how much they want of each resource; what there is is shared max–min fair.",
    quorum_percent: 0,
    options: [
      option("resources", "amounts", "", "How many whole units there are."),
    ],
  },
].map((protocol) => ({ ...protocol, version: 1, least: 1, most: 50 }));

const BEGAN = 1_764_295_200_000;

export class Sessions {
  static COMMANDS = new Set([
    ...["session.start", "session.get", "session.list", "session.wait"],
    ...["session.cancel", "session.say", "session.assess", "protocols.list"],
  ]);

  constructor(world) {
    this.world = world;
    this.all = [];
    if (world.nodes.length < 2) return;
    const agents = ["planner-1", "planner-2", "planner-3", "echo-1", "scout"];
    const vote = this.begin("vote", "deploy 2.4", agents);
    const words = ["approve", "approve", "reject", "approve", null];
    agents.forEach((agent, place) =>
      this.say(vote, agent, words[place], 2_100 + place * 700),
    );
    this.end(vote, "settled", "approve, with 3 of 5 ballots");
    vote.tally.rows[0].amount = 3;
    vote.tally.rows[1].amount = 1;
    const running = this.begin("vote", "which index to build", agents);
    this.say(running, "planner-1", "approve", 1_800);
    this.say(running, "echo-1", "reject", 2_600);
    running.tally.rows[0].amount = 1;
    running.tally.rows[1].amount = 1;
  }

  begin(protocol, subject, agents) {
    const id = 12 + 5 * this.all.length;
    const { nodes, self } = this.world;
    const session = {
      row: {
        ...{ id, protocol, subject, state: "running", phase: "voting" },
        ...{ participants: agents.length, answered: 0, by: self.id },
        ...{ at: BEGAN, took_ms: 0, left_ms: 41_000, words: "", tags: [] },
      },
      ...{ version: 1, options: { rule: "majority" }, round: 1, quorum: 3 },
      ...{ round_left_ms: 8_000, failing: "continue", spares: [] },
      ...{ messages: agents.length, budget: null, priority: "normal" },
      ...{ requester: null, domain: "general", end: null },
      participants: agents.map((agent, place) => ({
        ...{ agent, node: nodes[place % nodes.length].id, remark: "" },
        ...{ standing: "awaited", assessed: null },
      })),
      tally: {
        unit: "ballots",
        rows: ["approve", "reject"].map((label) => ({
          ...{ label, amount: 0, of: agents.length },
        })),
        threshold: {
          label: "more than half",
          amount: Math.floor(agents.length / 2) + 1,
        },
      },
      journal: [],
    };
    this.note(session, "asked", 0, { text: "voting", whom: agents });
    this.all.unshift(session);
    return session;
  }

  say(session, agent, option, after_us) {
    const there = session.participants.find((one) => one.agent === agent);
    there.standing = option === null ? "failed" : "spoke";
    there.remark = option ?? "";
    session.row.answered += option === null ? 0 : 1;
    session.messages += 1;
    this.note(session, option === null ? "failed" : "said", after_us, {
      ...{ agent, node: there.node, epoch: "41" },
      relayed: option === null ? null : this.world.self.id,
      text:
        option === null ? "did not answer in time" : JSON.stringify({ option }),
    });
  }

  end(session, state, words) {
    Object.assign(session.row, { state, words, took_ms: 6, left_ms: 0 });
    session.end = { kind: "finished", settled: true, words, result: "{}" };
    this.note(session, "ended", 6_100, { text: words });
  }

  note(session, kind, after_us, rest) {
    session.journal.push({
      ...{ at: BEGAN, after_us, round: 1, kind, agent: null, node: null },
      ...{ epoch: null, relayed: null, text: "", whom: [], ...rest },
    });
  }

  call(command, args) {
    switch (command) {
      case "protocols.list":
        return PROTOCOLS;
      case "session.list":
        return this.all.map(({ row }) => row);
      case "session.start": {
        const { protocol, subject = "", participants } = args;
        const session = this.begin(protocol, subject, participants);
        Object.assign(session.options, args.options);
        return { session: session.row.id, view: null };
      }
      case "session.cancel": {
        const session = this.find(args.session);
        this.end(session, "cancelled", "cancelled");
        return null;
      }
      default:
        return this.find(args.session);
    }
  }

  find(id) {
    return this.all.find(({ row }) => row.id === id);
  }
}
