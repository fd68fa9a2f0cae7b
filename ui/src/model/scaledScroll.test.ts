import { describe, expect, it } from "vitest";
import { geometryOf, revealing, scrolledBy, scrolledTo, tallest, visibleRows, type ScrollState } from "./scaledScroll";

const rowHeight = 28;
const million = geometryOf(1_000_000, rowHeight, 600);
const small = geometryOf(1_000, rowHeight, 600);
const start: ScrollState = { top: 0, physical: 0 };

const wheel = (state: ScrollState, by: number) => scrolledBy(million, state, state.physical + by);

describe("a body that fits into the browser", () => {
  it("scrolls one to one", () => {
    expect(scrolledBy(small, start, 5_000)).toEqual({ top: 5_000, physical: 5_000 });
  });
});

describe("a body of a million rows", () => {
  it("is capped below what Firefox lays out", () => {
    expect(million.body).toBe(tallest);
    expect(tallest).toBeLessThan(17_895_697);
  });

  it("moves by true pixels under the wheel", () => {
    const after = wheel(wheel(start, 120), 120);
    expect(after.top).toBe(240);
    expect(visibleRows(after, million, rowHeight, 1_000_000).first).toBe(4);
  });

  it("moves by fraction under the thumb", () => {
    const middle = scrolledBy(million, start, (tallest - 600) / 2);
    expect(middle.top).toBeCloseTo((1_000_000 * rowHeight - 600) / 2, 3);
  });

  it("shows the last row at the end of the thumb's way and the first at its start", () => {
    const end = scrolledBy(million, start, tallest - 600);
    expect(visibleRows(end, million, rowHeight, 1_000_000).last).toBe(999_999);
    const back = scrolledBy(million, end, 0);
    expect(back).toEqual(start);
  });

  it("reaches the very end by small steps although the thumb drifts", () => {
    let state = scrolledTo(million, 1_000_000 * rowHeight - 10_000);
    for (let step = 0; step < 100; step += 1) state = wheel(state, 120);
    expect(state.top).toBe(1_000_000 * rowHeight - 600);
    expect(state.physical).toBe(tallest - 600);
  });

  it("reaches the very start by small steps after a jump near it", () => {
    let state = scrolledBy(million, scrolledTo(million, 5_000_000), 500);
    expect(state.top).toBeGreaterThan(1_000);
    for (let step = 0; step < 100; step += 1) state = scrolledBy(million, state, Math.max(0, state.physical - 120));
    expect(state.top).toBeCloseTo(0, 6);
    expect(state.physical).toBeCloseTo(0, 6);
  });

  it("finds any row exactly", () => {
    const state = scrolledTo(million, 654_321 * rowHeight);
    expect(Math.floor(state.top / rowHeight)).toBe(654_321);
  });
});

describe("revealing a row", () => {
  it("moves only as far as needed", () => {
    const state = { top: 2_800, physical: 2_800 };
    expect(revealing(state, small, rowHeight, 101)).toBe(2_800);
    expect(revealing(state, small, rowHeight, 50)).toBe(1_400);
    expect(revealing(state, small, rowHeight, 200)).toBe(200 * rowHeight + rowHeight - 600);
  });
});
