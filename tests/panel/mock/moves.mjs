// Planned moves of a made-up cluster: which there would be, and what came of them.

/** Agents from the fullest node to the emptiest, one by one, as a node would plan it. */
export function evenOut(world) {
  const places = world.nodes.filter(
    ({ state, scheduling, role }) =>
      state === "alive" && scheduling === undefined && role !== "observer",
  );
  const held = new Map(places.map(({ id }) => [id, []]));
  for (const agent of world.agents.values()) held.get(agent.node)?.push(agent);
  const counts = new Map([...held].map(([id, agents]) => [id, agents.length]));
  const moves = [];
  while (places.length > 1) {
    const sorted = places.toSorted(
      (a, b) => counts.get(b.id) - counts.get(a.id),
    );
    const [from, to] = [sorted[0], sorted.at(-1)];
    const [full, empty] = [counts.get(from.id), counts.get(to.id)];
    const movable = held
      .get(from.id)
      .findIndex(({ pin, phase }) => pin === null && phase === "running");
    if (full <= empty + 1 || movable < 0) break;
    const [{ id: name }] = held.get(from.id).splice(movable, 1);
    counts.set(from.id, full - 1);
    counts.set(to.id, empty + 1);
    const why = `${from.name} holds ${full} agents, ${to.name} holds ${empty}`;
    moves.push({ name, from: from.id, to: to.id, why });
  }
  return moves;
}

/** What a node tells of `plan`: where its agents are decides what came of each move. */
export function planView(world, plan) {
  if (plan === null) return null;
  const { phase, interval_ms, started, failed } = plan;
  const moves = plan.moves.map((move) => {
    const agent = world.agents.get(move.name);
    const reason = failed.get(move.name) ?? null;
    const told = (state) => ({
      ...move,
      state,
      reason: state === "failed" ? reason : null,
    });
    if (agent?.node === move.to) return told("done");
    if (agent?.node !== move.from) return told("overtaken");
    if (reason !== null) return told("failed");
    return told(agent.moving_to === move.to ? "moving" : "waiting");
  });
  return { phase, interval_ms, started, moves };
}
