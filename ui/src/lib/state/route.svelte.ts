// Where the reader is. One object, one address.

import { formatRoute, type Page, parseRoute, type Route } from "./address";

export { type Page } from "./address";

let current = $state.raw<Route>(parseRoute(""));

export function watchRoute(): void {
  addEventListener("hashchange", () => {
    current = parseRoute(location.hash);
  });
  current = parseRoute(location.hash);
}

export function route(): Route {
  return current;
}

export function go(to: Partial<Route> & { page: Page }): void {
  location.hash = formatRoute(to);
}

/** Changes the query without a step in the history: a filter is not a place. */
export function setQuery(change: Record<string, string | null>): void {
  const merged = Object.entries({ ...current.query, ...change });
  const query = Object.fromEntries(
    merged.filter((pair): pair is [string, string] => pair[1] !== null && pair[1] !== ""),
  );
  current = { ...current, query };
  history.replaceState(null, "", formatRoute(current));
}

/** Opens or, with null, closes the inspector and keeps the filters of the page. */
export function inspect(id: string | null): void {
  location.hash = formatRoute({ ...current, id });
}

export const agentHref = (name: string): string => formatRoute({ page: "agents", id: name });
export const nodeHref = (id: string): string => formatRoute({ page: "nodes", id });
export const correlationHref = (correlation: string): string =>
  formatRoute({ page: "events", query: { correlation } });
/** The page of an event that another names as `origin/number`. */
export const eventHref = (event: string): string =>
  formatRoute({ page: "events", id: event.replace("/", "-") });
export const pageHref = (page: Page, query: Record<string, string> = {}): string =>
  formatRoute({ page, query });

/** Shows another object in the open inspector, without a step in the history. */
export function follow(id: string): void {
  current = { ...current, id };
  history.replaceState(null, "", formatRoute(current));
}
