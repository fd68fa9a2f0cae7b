import { expect, it } from "vitest";
import { cellAfterKey, cellText } from "./gridModel";

const size = { rows: 1_000_000, columns: 8, page: 20 };
const from = { row: 10, column: 3 };

it.each([
  ["ArrowDown", false, { row: 11, column: 3 }],
  ["ArrowLeft", false, { row: 10, column: 2 }],
  ["PageUp", false, { row: 0, column: 3 }],
  ["Home", false, { row: 10, column: 0 }],
  ["End", true, { row: 999_999, column: 7 }],
  ["Home", true, { row: 0, column: 0 }],
])("moves by %s (control: %s)", (key, control, cell) => expect(cellAfterKey(from, key, control, size)).toEqual(cell));

it("leaves other keys to the browser", () => expect(cellAfterKey(from, "Tab", false, size)).toBeUndefined());

it("copies what it shows", () => {
  expect([null, "a", 1.5, true, { a: 1 }].map(cellText)).toEqual(["", "a", "1.5", "true", '{"a":1}']);
});
