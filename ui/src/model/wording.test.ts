import { describe, expect, it } from "vitest";
import { formatAgo, formatDuration, formatEta, plural } from "./wording";

describe("durations", () => {
  it.each([
    [0, "0.0 s"],
    [850, "0.8 s"],
    [59_400, "59 s"],
    [75_000, "1 min 15 s"],
    [7_500_000, "2 h 5 min"],
    [-5, "0.0 s"],
  ])("writes %i ms as %s", (milliseconds, text) => expect(formatDuration(milliseconds)).toBe(text));
});

describe("the estimate", () => {
  it("says a range when both ends differ", () => {
    expect(formatEta({ eta_low_ms: 240_000, eta_high_ms: 400_000 })).toBe("about 4 min to 7 min left");
  });
  it("says one number when the ends round to the same", () => {
    expect(formatEta({ eta_low_ms: 240_000, eta_high_ms: 250_000 })).toBe("about 4 min left");
  });
  it("does not invent a number", () => {
    expect(formatEta({ estimated_time_remaining_ms: null, eta_low_ms: null, eta_high_ms: null })).toBe("estimating…");
  });
  it("says stalled before anything else", () => {
    expect(formatEta({ stalled: true, eta_low_ms: 1, eta_high_ms: 2 })).toContain("Stalled");
  });
});

describe("moments", () => {
  const now = Date.parse("2026-11-22T12:00:00Z");
  it("counts in the largest unit that fits", () => {
    expect(formatAgo("2026-11-22T11:59:30Z", now)).toBe("less than a minute ago");
    expect(formatAgo("2026-11-22T09:00:00Z", now)).toBe("3 hours ago");
    expect(formatAgo("2026-11-21T12:00:00Z", now)).toBe("yesterday");
  });
});

it("counts nouns", () => {
  expect(plural(1, "instance")).toBe("1 instance");
  expect(plural(5_000, "instance")).toBe("5,000 instances");
});
