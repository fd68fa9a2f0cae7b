import { expect, it } from "vitest";
import { sqlLines, tokenizeSql } from "./sql";

const kinds = (sql: string) => tokenizeSql(sql).filter(({ text }) => text.trim() !== "").map(({ kind, text }) => [kind, text.trim()]);

it("tells keywords, strings, numbers, comments and parameters apart", () => {
  expect(kinds("SELECT 'it''s', 1.5 FROM t -- end\nWHERE a > CUSTOM_PARAMETER('x')")).toEqual([
    ["keyword", "SELECT"],
    ["string", "'it''s'"],
    ["plain", ","],
    ["number", "1.5"],
    ["keyword", "FROM"],
    ["plain", "t"],
    ["comment", "-- end"],
    ["keyword", "WHERE"],
    ["plain", "a >"],
    ["parameter", "CUSTOM_PARAMETER('x')"],
  ]);
});

it("loses no character, whatever the text", () => {
  const odd = "select /* open\n 'never closed -- \u00e9\u4e2d ; 1.2.3 a-b /";
  expect(tokenizeSql(odd).map(({ text }) => text).join("")).toBe(odd);
});

it("cuts at line ends, inside comments too, and loses nothing", () => {
  const sql = "SELECT 1 /* one\ntwo */\n\nFROM t";
  const lines = sqlLines(sql);
  expect(lines.map((line) => line.map(({ text }) => text).join(""))).toEqual(sql.split("\n"));
  expect(lines[1]).toEqual([{ kind: "comment", text: "two */" }]);
  expect(lines[2]).toEqual([]);
});
