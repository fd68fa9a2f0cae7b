import { queryOptions } from "@tanstack/react-query";
import { listMatchingIds, lookUpInstances, searchInstances } from "./generated";
import type { Facets, InstanceView as Instance } from "./generated";

export type { Facets, Instance };

/** What narrows the list; the server applies it over all instances. */
export interface InstanceFilter {
  q?: string;
  region?: string;
  brand?: string;
  account?: string;
  tag?: string;
  sandbox?: boolean;
}

export const instancePageSize = 100;

export const instancePageQuery = (filter: InstanceFilter, page: number) =>
  queryOptions({
    queryKey: ["instances", "page", filter, page],
    queryFn: async ({ signal }) => {
      const query = { ...filter, sort: "name" as const, limit: instancePageSize, offset: page * instancePageSize };
      return (await searchInstances({ query, signal, throwOnError: true })).data;
    },
    staleTime: 60_000,
  });

/** Instances by id, for what is selected but not on a page that was read. */
export const instanceLookupQuery = (ids: string[]) =>
  queryOptions({
    queryKey: ["instances", "lookup", ids],
    queryFn: async ({ signal }) => {
      if (ids.length === 0) return [];
      return (await lookUpInstances({ body: { ids }, signal, throwOnError: true })).data.items;
    },
    staleTime: 60_000,
  });

/** "Select all matching" is this question to the server, not a walk over the pages. */
export async function matchingIds(filter: InstanceFilter): Promise<string[]> {
  return (await listMatchingIds({ query: filter, throwOnError: true })).data.ids;
}
