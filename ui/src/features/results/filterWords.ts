/** Filters of a result in words, and the values they take. */
import type { CellType } from "@/components/grid/gridModel";
import { filterOps, type ColumnFilter, type FilterOp } from "@/model/search";

export const opWords: Record<FilterOp, string> = {
  eq: "is",
  ne: "is not",
  lt: "less than",
  le: "at most",
  gt: "more than",
  ge: "at least",
  contains: "contains",
  is_null: "is null",
  not_null: "is not null",
};

export const needsValue = (op: FilterOp): boolean => op !== "is_null" && op !== "not_null";

export function opsFor(type: CellType): FilterOp[] {
  if (type === "string") return ["contains", "eq", "ne", "is_null", "not_null"];
  if (type === "boolean") return ["eq", "is_null", "not_null"];
  return filterOps.filter((op) => op !== "contains");
}

/** The value as the server compares it; nothing when the text is no value of the type. */
export function filterValue(type: CellType, text: string): string | number | boolean | undefined {
  const trimmed = text.trim();
  if (type === "number") return trimmed === "" || Number.isNaN(Number(trimmed)) ? undefined : Number(trimmed);
  if (type === "boolean") return trimmed === "true" || (trimmed === "false" ? false : undefined);
  return text === "" ? undefined : text;
}

export const describeFilter = ({ column, op, value }: ColumnFilter): string =>
  `${column} ${opWords[op]}${value === undefined ? "" : ` ${String(value)}`}`;
