import { describe, expect, it } from "vitest";

import { editWords, howWords, kindHint, placeWords } from "./setting";

describe("settings in words", () => {
  it("says which values a setting takes", () => {
    expect(kindHint({ kind: "count", least: 10, most: 1_000, unit: "lines" })).toBe(
      "10 to 1,000 lines",
    );
    expect(kindHint({ kind: "count", least: 1, most: 255, unit: "" })).toBe("1 to 255");
    expect(kindHint({ kind: "span", least: "1s", most: "12h" })).toContain("1s to 12h");
  });

  it("says what an edit did, and for whom", () => {
    expect(editWords({ old: null, new: "1m" })).toBe("not set → 1m");
    expect(editWords({ old: "1m", new: null })).toBe("1m → not set");
    expect(placeWords("cluster", (id) => id)).toBe("for all nodes");
    expect(placeWords({ node: "a" }, () => "otter")).toBe("for otter");
  });

  it("says how a version came about", () => {
    expect(howWords("changed")).toBe("Changed");
    expect(howWords({ rolled_back: { to: 7 } })).toBe("Rolled back to 7");
  });
});
