// Where the reader is: `#/agents/NAME?state=failed`. One object, one address.

export const PAGES = ["overview", "nodes", "agents", "events", "cluster", "settings"] as const;
export type Page = (typeof PAGES)[number];

export type Route = {
  page: Page;
  /** The object in the inspector. */
  id: string | null;
  query: Readonly<Record<string, string>>;
};

export function parseRoute(hash: string): Route {
  const [path = "", search = ""] = hash.replace(/^#?\/?/, "").split("?", 2);
  const [first = "", ...rest] = path.split("/");
  const page = PAGES.find((page) => page === first) ?? "overview";
  const id = rest.map(decoded).join("/");
  const query = Object.fromEntries(new URLSearchParams(search));
  return { page, id: id === "" || page !== first ? null : id, query };
}

export function formatRoute(route: Partial<Route> & { page: Page }): string {
  const path = route.page === "overview" && !route.id ? "" : route.page;
  const id = route.id ? `/${route.id.split("/").map(encodeURIComponent).join("/")}` : "";
  const search = new URLSearchParams(route.query).toString();
  return `#/${path}${id}${search === "" ? "" : `?${search}`}`;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

let current = $state.raw<Route>(parseRoute(globalThis.location?.hash ?? ""));

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
  const query: Record<string, string> = { ...current.query };
  for (const [key, value] of Object.entries(change)) {
    if (value === null || value === "") delete query[key];
    else query[key] = value;
  }
  current = { ...current, query };
  history.replaceState(null, "", formatRoute(current));
}

/** Opens or, with null, closes the inspector and keeps the filters of the page. */
export function inspect(id: string | null): void {
  location.hash = formatRoute({ ...current, id });
}

export const agentHref = (name: string): string => formatRoute({ page: "agents", id: name });
export const nodeHref = (id: string): string => formatRoute({ page: "nodes", id });
export const pageHref = (page: Page): string => formatRoute({ page });

/** Shows another object in the open inspector, without a step in the history. */
export function follow(id: string): void {
  current = { ...current, id };
  history.replaceState(null, "", formatRoute(current));
}
