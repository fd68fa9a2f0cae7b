import { keepPreviousData, useQueries, useQuery } from "@tanstack/react-query";
import { instanceLookupQuery, instancePageQuery, instancePageSize, type Facets, type Instance, type InstanceFilter } from "@/api/instances";

export interface InstanceRows {
  total: number;
  at: (index: number) => Instance | undefined;
  facets: Facets | undefined;
  error: Error | null;
  loading: boolean;
  /** The rows still show the previous filter. */
  stale: boolean;
  retry: () => void;
}

/** Pages that cover the rows from `first` to `last`. */
export function pagesOf(first: number, last: number, pageSize: number): number[] {
  const from = Math.floor(Math.max(0, first) / pageSize);
  const to = Math.floor(Math.max(0, last) / pageSize);
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

export interface Range {
  first: number;
  last: number;
}

/** All instances that match, read page by page as they come into view. */
export function useMatchingRows(filter: InstanceFilter, { first, last }: Range): InstanceRows {
  const head = useQuery({ ...instancePageQuery(filter, 0), placeholderData: keepPreviousData });
  const total = head.data?.total ?? 0;
  const pages = head.isPlaceholderData ? [] : pagesOf(first, Math.min(last, total - 1), instancePageSize);
  const reads = useQueries({ queries: pages.map((page) => instancePageQuery(filter, page)) });
  const at = (index: number) => {
    if (index < instancePageSize) return head.data?.items[index];
    const page = pages.indexOf(Math.floor(index / instancePageSize));
    return reads[page]?.data?.items[index % instancePageSize];
  };
  const failed = reads.find((read) => read.error !== null);
  return {
    total,
    at,
    facets: head.data?.facets,
    error: head.error ?? failed?.error ?? null,
    loading: head.isPending,
    stale: head.isPlaceholderData,
    retry: () => void (head.error ? head.refetch() : failed?.refetch()),
  };
}

/** The chosen instances, looked up page by page as they come into view. */
export function useLookedUpRows(ids: readonly string[], { first, last }: Range): Omit<InstanceRows, "facets"> {
  const pages = ids.length === 0 ? [] : pagesOf(first, Math.min(last, ids.length - 1), instancePageSize);
  const reads = useQueries({
    queries: pages.map((page) => instanceLookupQuery(ids.slice(page * instancePageSize, (page + 1) * instancePageSize))),
  });
  const found = new Map(reads.flatMap((read) => read.data ?? []).map((instance) => [instance.id, instance]));
  const failed = reads.find((read) => read.error !== null);
  return {
    total: ids.length,
    at: (index) => found.get(ids[index] ?? ""),
    error: failed?.error ?? null,
    loading: false,
    stale: false,
    retry: () => void failed?.refetch(),
  };
}
