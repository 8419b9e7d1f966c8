import fc from "fast-check";
import { expect, test } from "vitest";

import { formatRoute, PAGES, parseRoute } from "./address";

test("route survives its address", () => {
  const query = fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.string({ minLength: 1 }));
  const id = fc.option(fc.stringMatching(/^[a-z0-9][a-z0-9 ._?#%&/-]{0,19}[a-z0-9]$/), {
    nil: null,
  });
  fc.assert(
    fc.property(fc.constantFrom(...PAGES), id, query, (page, id, query) => {
      const route = { page, id: page === "overview" ? null : id, query: { ...query } };

      expect(parseRoute(formatRoute(route))).toEqual(route);
    }),
  );
});

test("address that names no page leads to the overview", () => {
  expect(parseRoute("#/nonsense/x")).toEqual({ page: "overview", id: null, query: {} });
  expect(parseRoute("").page).toBe("overview");
});

test("broken escape is taken as it stands", () => {
  expect(parseRoute("#/agents/%E0%A4%A").id).toBe("%E0%A4%A");
});
