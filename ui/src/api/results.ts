import { queryOptions } from "@tanstack/react-query";
import type { ColumnFilter } from "@/model/search";
import { getBatchResults } from "./generated";
import type { BatchResults, ResultColumn } from "./generated";

export type { BatchResults, ResultColumn };

/** Which rows, in which order; the export takes the same. */
export interface ResultView {
  sort?: string;
  filter: ColumnFilter[];
}

export const resultPageSize = 200;

const viewQuery = ({ sort, filter }: ResultView) => ({
  sort,
  filter: filter.length === 0 ? undefined : JSON.stringify(filter),
});

export const resultPageQuery = (batchId: string, view: ResultView, page: number) =>
  queryOptions({
    queryKey: ["results", batchId, view, page],
    queryFn: async ({ signal }) => {
      const query = { ...viewQuery(view), limit: resultPageSize, offset: page * resultPageSize };
      const answer = await getBatchResults({ path: { batch_id: batchId }, query, signal, throwOnError: true });
      return answer.data.batch_results;
    },
    staleTime: 60_000,
  });

/** A plain address, so that the browser streams the file to disk. */
export function csvUrl(batchId: string, view: ResultView): string {
  const query = new URLSearchParams({ format: "csv" });
  for (const [key, value] of Object.entries(viewQuery(view))) if (value !== undefined) query.set(key, value);
  return `/workflows/batch/${encodeURIComponent(batchId)}/results?${query.toString()}`;
}
