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
