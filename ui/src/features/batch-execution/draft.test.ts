import { describe, expect, it } from "vitest";
import { emptyDraft, overriddenCount, reduceDraft, type Draft, type DraftAction } from "./draft";

const after = (...actions: DraftAction[]): Draft => actions.reduce(reduceDraft, emptyDraft("Name"));

describe("choosing", () => {
  it("keeps the order and never holds an instance twice", () => {
    const draft = after({ type: "choose", ids: ["b", "a"] }, { type: "choose", ids: ["a", "c"] });
    expect([...draft.selected]).toEqual(["b", "a", "c"]);
  });

  it("drops some and clears all", () => {
    const chosen: DraftAction = { type: "choose", ids: ["a", "b", "c"] };
    expect([...after(chosen, { type: "drop", ids: ["b", "x"] }).selected]).toEqual(["a", "c"]);
    expect(after(chosen, { type: "clear" }).selected.size).toBe(0);
  });

  it("takes 5,000 in one step", () => {
    const ids = Array.from({ length: 5_000 }, (_, index) => `i${index}`);
    expect(after({ type: "choose", ids }).selected.size).toBe(5_000);
  });
});

describe("overrides", () => {
  const override = (text: string): DraftAction => ({ type: "override", instance: "a", name: "p", text });

  it("exist while a cell has text", () => {
    expect(after(override("5")).overrides).toEqual({ a: { p: "5" } });
    expect(after(override("5"), override("")).overrides).toEqual({});
  });

  it("are reset by row", () => {
    const draft = after(override("5"), { type: "override", instance: "b", name: "p", text: "6" }, { type: "reset", instance: "a" });
    expect(draft.overrides).toEqual({ b: { p: "6" } });
  });

  it("survive dropping and choosing again, and count only while chosen", () => {
    const dropped = after({ type: "choose", ids: ["a"] }, override("5"), { type: "drop", ids: ["a"] });
    expect(overriddenCount(dropped)).toBe(0);
    expect(overriddenCount(reduceDraft(dropped, { type: "choose", ids: ["a"] }))).toBe(1);
  });
});
