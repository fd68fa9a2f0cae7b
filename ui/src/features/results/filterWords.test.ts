import { expect, it } from "vitest";
import { describeFilter, filterValue, opsFor } from "./filterWords";

it("offers only comparisons that make sense for the type", () => {
  expect(opsFor("string")).not.toContain("gt");
  expect(opsFor("number")).not.toContain("contains");
  expect(opsFor("boolean")).toEqual(["eq", "is_null", "not_null"]);
});

it("gives the server values of the column's type, or none", () => {
  expect(filterValue("number", " 1e3 ")).toBe(1000);
  expect(filterValue("number", "many")).toBeUndefined();
  expect(filterValue("boolean", "false")).toBe(false);
  expect(filterValue("boolean", "maybe")).toBeUndefined();
  expect(filterValue("string", " x ")).toBe(" x ");
});

it("says a filter in words", () => {
  expect(describeFilter({ column: "reach", op: "ge", value: 5 })).toBe("reach at least 5");
  expect(describeFilter({ column: "reach", op: "is_null" })).toBe("reach is null");
});
