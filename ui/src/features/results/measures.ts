/** What a result can be grouped by and measured with, and the choice that a page opens with. */
import type { ResultColumn } from "@/api/results";

export interface Option {
  value: string;
  label: string;
}

const stretches = ["day", "week", "month"] as const;

/** Columns to group by; a time also by its day, week or month. */
export function groupOptions(columns: readonly ResultColumn[]): Option[] {
  return columns.flatMap(({ name, type }) => [
    { value: asColumn(name), label: name },
    ...(type === "date" || type === "timestamp" ? stretches.map((stretch) => ({ value: `${asColumn(name)}:${stretch}`, label: `${name} by ${stretch}` })) : []),
  ]);
}

export function measureOptions(columns: readonly ResultColumn[]): Option[] {
  const numbers = columns.filter(({ type }) => type === "number");
  const made = numbers.flatMap(({ name }) =>
    (["sum", "avg", "min", "max"] as const).map((how) => ({ value: `${how}:${asColumn(name)}`, label: `${how} of ${name}` })),
  );
  const others = columns.filter(({ type }) => type !== "number");
  return [{ value: "count", label: "number of rows" }, ...made, ...others.map(({ name }) => ({ value: `distinct:${asColumn(name)}`, label: `different ${name}` }))];
}

/** A name with a sign that the API reads goes in double quotes. */
export const asColumn = (name: string): string => (/[",:]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name);

export interface Choice {
  by: string;
  measure: string;
  split: string;
}

/** The first text that is not the instance's own, else the instance; the first number's sum. */
export function firstChoice(columns: readonly ResultColumn[]): Choice {
  const own = columns.filter(({ name }) => !name.startsWith("_"));
  const by = own.find(({ type }) => type !== "number")?.name ?? columns.find(({ name }) => name === "_instance_name")?.name ?? columns[0]?.name ?? "";
  const number = own.find(({ type }) => type === "number")?.name;
  return { by: asColumn(by), measure: number === undefined ? "count" : `sum:${asColumn(number)}`, split: "" };
}

/** What an address asks for where the result has it, else the first choice. */
export function choiceOf(asked: Partial<Choice>, columns: readonly ResultColumn[]): Choice {
  const first = firstChoice(columns);
  const by = groupOptions(columns).some(({ value }) => value === asked.by) ? asked.by : undefined;
  const measure = measureOptions(columns).some(({ value }) => value === asked.measure) ? asked.measure : undefined;
  const split = groupOptions(columns).some(({ value }) => value === asked.split) ? asked.split : undefined;
  return { by: by ?? first.by, measure: measure ?? first.measure, split: split ?? "" };
}
