/** Reads of URL search parameters: whatever a hand-edited address holds becomes a value or nothing. */

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
