import { expect, it } from "vitest";
import { batchListSearch, operationListSearch, resultSearch } from "./search";

it("drops what a hand-edited address got wrong", () => {
  expect(operationListSearch({ status: "sleeping", page: "-3", view: "grid", q: 42 })).toEqual({
    q: "42",
    status: undefined,
    sort: undefined,
    page: undefined,
    view: undefined,
  });
});

it("reads a page only from the second on, so that addresses stay short", () => {
  expect(batchListSearch({ page: 1 }).page).toBeUndefined();
  expect(batchListSearch({ page: "7" }).page).toBe(7);
});

it("keeps only filters that the server knows", () => {
  const filter = [
    { column: "reach", op: "gt", value: 5 },
    { column: "reach", op: "drop table", value: 5 },
    { op: "eq" },
    { column: "name", op: "is_null", value: { nested: true } },
    "text",
  ];
  expect(resultSearch({ filter, hide: ["a", 3] })).toMatchObject({
    filter: [{ column: "reach", op: "gt", value: 5 }, { column: "name", op: "is_null" }],
    hide: ["a"],
  });
});
