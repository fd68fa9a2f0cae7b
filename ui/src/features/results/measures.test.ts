import { expect, it } from "vitest";
import type { ResultChart } from "@/api/analysis";
import type { ResultColumn } from "@/api/results";
import { categoryNames, chartText } from "./chartText";
import { asColumn, choiceOf, groupOptions, measureOptions } from "./measures";

const columns: ResultColumn[] = [
  { name: "_instance_name", type: "string" }, { name: "day", type: "date" }, { name: "campaign", type: "string" }, { name: "cost, net", type: "number" },
];

it("opens with the first own column and the sum of the first number", () => {
  expect(choiceOf({}, columns)).toEqual({ by: "day", measure: 'sum:"cost, net"', split: "" });
  expect(choiceOf({ by: "nothing", measure: "count", split: "campaign" }, columns)).toEqual({ by: "day", measure: "count", split: "campaign" });
  expect(choiceOf({}, [{ name: "_instance_name", type: "string" }])).toEqual({ by: "_instance_name", measure: "count", split: "" });
});

it("groups times by stretches too, and quotes names that the API would read", () => {
  expect(groupOptions(columns).map(({ value }) => value)).toContain("day:month");
  expect(measureOptions(columns).map(({ value }) => value)).toContain("distinct:campaign");
  expect(asColumn('a"b')).toBe('"a""b"');
});

it("says a chart in words", () => {
  const chart: ResultChart = {
    job_id: "b", categories: ["a", null, "rest"], has_other: true, series: [{ is_other: false, name: "sum(cost)", values: [1, 2, 3] }],
    x: { name: "campaign", type: "string", bucket: null, bin_width: null }, y: { name: "sum(cost)", type: "number" },
  };
  expect(categoryNames(chart)).toEqual(["a", "(none)", "all others"]);
  expect(chartText(chart)).toBe("sum(cost) by campaign: 3 points.");
});
