import { expect, it } from "vitest";
import { fitPills, pillWidth } from "./fitPills";

const names = (count: number) => Array.from({ length: count }, (_, index) => `Instance number ${index}`);

it("shows all while two lines hold them", () => {
  expect(fitPills(names(3), 3, 800)).toBe(3);
});

it("keeps room for the remainder", () => {
  const shown = fitPills(names(40), 5_000, 800);
  expect(shown).toBeGreaterThan(4);
  expect(shown).toBeLessThan(12);
});

it("shows one line's worth less on a narrow screen", () => {
  expect(fitPills(names(40), 5_000, 360)).toBeLessThan(fitPills(names(40), 5_000, 800));
});

it("never counts past two lines", () => {
  const width = pillWidth("Instance number 0") * 2 + 4;
  expect(fitPills(names(40), 40, width)).toBeLessThanOrEqual(4);
});
