import { keepPreviousData, useQueries, useQuery } from "@tanstack/react-query";
import { useDebouncedValue } from "@mantine/hooks";
import { useMemo } from "react";
import { resultPageQuery, resultPageSize, type ResultView } from "@/api/results";
import type { GridRow } from "@/components/grid/gridModel";
import type { RowRange } from "@/model/scaledScroll";
import { isFinished } from "@/model/status";

const growsMs = 10_000;

const pagesOf = ({ first, last }: RowRange) => {
  const from = Math.floor(Math.max(0, first) / resultPageSize);
  const to = Math.floor(Math.max(0, last) / resultPageSize);
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
};

/** The batch's rows, page by page as they come into view; while the batch runs the first page is asked again. */
export function useResultRows(batchId: string, view: ResultView, range: RowRange) {
  const head = useQuery({
    ...resultPageQuery(batchId, view, 0),
    placeholderData: keepPreviousData,
    refetchInterval: (query) => (query.state.data && !isFinished(query.state.data.status) ? growsMs : false),
  });
  // A thumb that is dragged across a million rows must not read every page on its way.
  const [settled] = useDebouncedValue(range, 60);
  const pages = useMemo(() => (head.isPlaceholderData ? [] : pagesOf(settled)), [head.isPlaceholderData, settled]);
  const reads = useQueries({ queries: pages.map((page) => resultPageQuery(batchId, view, page)) });
  const byPage = new Map(pages.map((page, index) => [page, reads[index]?.data?.aggregated_data.rows]));
  const at = (row: number): GridRow | undefined => {
    const page = Math.floor(row / resultPageSize);
    const rows = page === 0 ? head.data?.aggregated_data.rows : byPage.get(page);
    return rows?.[row % resultPageSize];
  };
  const failed = reads.find((read) => read.error !== null);
  return {
    results: head.data,
    at,
    error: head.error ?? failed?.error ?? null,
    stale: head.isPlaceholderData,
    retry: () => void (head.error ? head.refetch() : failed?.refetch()),
  };
}
