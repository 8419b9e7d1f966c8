// Where the reader is, as the fragment of the address: `#/agents/NAME?state=failed`.

export const PAGES = [
  "overview",
  "nodes",
  "agents",
  "sessions",
  "market",
  "load",
  "events",
  "cluster",
  "coordination",
  "doctor",
  "settings",
] as const;
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
