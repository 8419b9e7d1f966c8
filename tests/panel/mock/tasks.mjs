// Tasks of the mock world: they are given in turn to its workers, and done a second later.

const STRATEGIES = [
  [
    "round_robin",
    "Round robin",
    "Each in turn, by name; who joins or leaves changes nobody else's turn.",
  ],
  [
    "least_loaded",
    "Least loaded",
    "Who has the fewest tasks in flight; a busy node counts like tasks more.",
  ],
  [
    "power_of_two",
    "Power of two choices",
    "The better of two by chance: recent latency times what is in flight.",
  ],
  [
    "capability",
    "Most specialised",
    "Who has the fewest other capabilities; of those alike, who has the fewest tasks in flight.",
  ],
  [
    "performance",
    "By performance",
    "In proportion to speed; a newcomer gets one task, and counts as the slowest until it answers.",
  ],
  [
    "auction",
    "By auction",
    "Who asks least: its node's ask times how long it takes until the task is done. Paid is what the next node asks.",
  ],
];
const IN_FLIGHT = 10;
const TAKES_MS = 1_000;

export class Tasks {
  /** `able` says which agents can do the tasks of a queue, each with its node. */
  constructor(able, now, me) {
    Object.assign(this, {
      able,
      now,
      me,
      tasks: [],
      strategy: "power_of_two",
      own: new Map(),
    });
    this.given = new Map();
  }

  submit(wishes) {
    const ids = wishes.map((wish) => {
      const task = this.tasks.length + 1;
      const queue = [...wish.capabilities].sort().join("+");
      const agents = this.able(queue);
      const agent = agents[task % Math.max(1, agents.length)]?.agent;
      if (agent !== undefined)
        this.given.set(agent, (this.given.get(agent) ?? 0) + 1);
      this.tasks.push({ task, queue, wish, agent, at: this.now() });
      return task;
    });
    return { tasks: ids };
  }

  view({ task, queue, wish, agent, at, ended }) {
    const age = (ended ?? this.now()) - at;
    const done = agent !== undefined && ended === undefined && age >= TAKES_MS;
    const state =
      ended === undefined
        ? agent === undefined
          ? "queued"
          : done
            ? "done"
            : "running"
        : "cancelled";
    return {
      task,
      queue,
      method: wish.method,
      priority: wish.priority ?? "normal",
      state,
      ...(agent === undefined ? {} : { agent }),
      attempt: agent === undefined ? 0 : 1,
      failures: 0,
      attempts: 5,
      by: this.me,
      at,
      age_ms: done ? TAKES_MS : age,
      ...(done ? { value: { did: wish.params ?? null } } : {}),
      ...(wish.pay === undefined ? {} : { pay: wish.pay }),
      // Whoever comes next asks for one.
      ...(wish.pay === undefined || agent === undefined ? {} : { price: 1 }),
    };
  }

  list({ limit = 100 }) {
    const views = this.tasks.map((task) => this.view(task));
    const open = views.filter(
      ({ state }) => state === "queued" || state === "running",
    ).length;
    return { tasks: views.reverse().slice(0, limit), next: null, open };
  }

  cancel(ids) {
    const open = (task) =>
      ["queued", "running"].includes(this.view(task).state);
    const found = this.tasks.filter(
      (task) => ids.includes(task.task) && open(task),
    );
    found.forEach((task) => (task.ended = this.now()));
    return { tasks: found.map(({ task }) => task) };
  }

  balance() {
    const queues = [
      ...new Set([...this.tasks.map(({ queue }) => queue), ...this.own.keys()]),
    ];
    const views = this.tasks.map((task) => this.view(task));
    const counted = (queue, state) =>
      views.filter((task) => task.queue === queue && task.state === state)
        .length;
    const agents = new Map(
      queues
        .flatMap((queue) => this.able(queue))
        .map((one) => [one.agent, one]),
    );
    return {
      strategy: this.strategy,
      in_flight: IN_FLIGHT,
      queues: queues.sort().map((queue) => ({
        queue,
        strategy: this.own.get(queue) ?? this.strategy,
        own: this.own.has(queue),
        waiting: counted(queue, "queued"),
        running: counted(queue, "running"),
        agents: this.able(queue).length,
        ...(counted(queue, "queued") > 0 ? { stuck: "no_suitable_agent" } : {}),
      })),
      agents: [...agents.values()].map(({ agent, node }, place) => {
        const mine = views.filter((task) => task.agent === agent);
        const has = mine.filter(({ state }) => state === "running").length;
        return {
          agent,
          node,
          in_flight: has,
          latency_us: 40_000 + 9_000 * place,
          pace_us: 30_000 + 9_000 * place,
          asks_thousandths: (has + 1) * (30 + 9 * place),
          assigned: this.given.get(agent) ?? 0,
          done: mine.filter(({ state }) => state === "done").length,
          failed: 0,
          overloaded: has >= IN_FLIGHT,
        };
      }),
      strategies: STRATEGIES.map(([strategy, label, about]) => ({
        strategy,
        label,
        about,
      })),
    };
  }

  preview({ capabilities, strategy, burst = 100 }) {
    const queue = [...capabilities].sort().join("+");
    const agents = this.able(queue);
    const room = Math.min(burst, agents.length * IN_FLIGHT);
    const by = (kind) => ({
      strategy: kind,
      shares: agents.map(({ agent, node }, place) => ({
        agent,
        node,
        in_flight: 0,
        tasks:
          Math.floor(room / agents.length) +
          (place < room % agents.length ? 1 : 0),
      })),
      left: burst - room,
      ...(burst > room
        ? {
            stuck: agents.length === 0 ? "no_suitable_agent" : "all_overloaded",
          }
        : {}),
      spread_percent: 100,
    });
    return [by(this.own.get(queue) ?? this.strategy), by(strategy)];
  }

  choose({ queue, strategy }) {
    if (queue === undefined) this.strategy = strategy ?? "power_of_two";
    else if (strategy === undefined) this.own.delete(queue);
    else this.own.set(queue, strategy);
    return null;
  }
}
