/** Reads of URL search parameters: whatever a hand-edited address holds becomes a value or nothing. */
import { operationStates, type OperationState } from "./status";

type Search = Record<string, unknown>;

export function textOf(search: Search, key: string): string | undefined {
  const value = search[key];
  if (typeof value === "string" && value !== "") return value;
  return typeof value === "number" ? String(value) : undefined;
}

export function pageOf(search: Search): number | undefined {
  const value = Number(search.page);
  return Number.isInteger(value) && value > 1 ? value : undefined;
}

export function oneOf<T extends string>(search: Search, key: string, allowed: readonly T[]): T | undefined {
  return allowed.find((candidate) => candidate === search[key]);
}

export interface BatchListSearch {
  q?: string;
  status?: string;
  sort?: string;
  page?: number;
}

export const batchListSearch = (search: Search): BatchListSearch => ({
  q: textOf(search, "q"),
  status: textOf(search, "status"),
  sort: textOf(search, "sort"),
  page: pageOf(search),
});

export const workflowListSearch = (search: Search): { q?: string; page?: number } => ({
  q: textOf(search, "q"),
  page: pageOf(search),
});

export const librarySearch = (search: Search): { q?: string; theme?: string } => ({
  q: textOf(search, "q"),
  theme: textOf(search, "theme"),
});

export const operationViews = ["cards", "list"] as const;

export interface OperationListSearch {
  q?: string;
  status?: OperationState;
  sort?: string;
  page?: number;
  view?: (typeof operationViews)[number];
}

export const operationListSearch = (search: Search): OperationListSearch => ({
  q: textOf(search, "q"),
  status: oneOf(search, "status", operationStates),
  sort: textOf(search, "sort"),
  page: pageOf(search),
  view: oneOf(search, "view", operationViews),
});

export const filterOps = ["eq", "ne", "lt", "le", "gt", "ge", "contains", "is_null", "not_null"] as const;
export type FilterOp = (typeof filterOps)[number];

/** One condition on a column of a result. */
export interface ColumnFilter {
  column: string;
  op: FilterOp;
  value?: string | number | boolean;
}

function columnFilter(value: unknown): ColumnFilter | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const candidate = value as Search;
  const column = textOf(candidate, "column");
  const op = oneOf(candidate, "op", filterOps);
  if (column === undefined || op === undefined) return undefined;
  const given = candidate.value;
  const usable = typeof given === "string" || typeof given === "number" || typeof given === "boolean";
  return usable ? { column, op, value: given } : { column, op };
}

export const resultTabs = ["table", "groups", "chart", "json", "instances"] as const;

export interface ResultSearch {
  tab?: (typeof resultTabs)[number];
  sort?: string;
  filter?: ColumnFilter[];
  hide?: string[];
  page?: number;
  /** How it is grouped and drawn. */
  by?: string;
  measure?: string;
  split?: string;
}

export function resultSearch(search: Search): ResultSearch {
  const filter = Array.isArray(search.filter) ? search.filter.map(columnFilter).filter((item) => item !== undefined) : [];
  const hide = Array.isArray(search.hide) ? search.hide.filter((name) => typeof name === "string") : [];
  return {
    tab: oneOf(search, "tab", resultTabs),
    sort: textOf(search, "sort"),
    filter: filter.length > 0 ? filter : undefined,
    hide: hide.length > 0 ? hide : undefined,
    page: pageOf(search),
    by: textOf(search, "by"),
    measure: textOf(search, "measure"),
    split: textOf(search, "split"),
  };
}
