import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { ColumnFilter } from "@/model/search";
import { chartJobResults, groupJobResults } from "./generated";
import type { GroupColumn, ResultChart, ResultGroups } from "./generated";

export type { GroupColumn, ResultChart, ResultGroups };

export interface GroupsView {
  groupBy: string;
  /** `count`, or `sum:cost`. */
  aggregate: string;
  pivot?: string;
  sort?: string;
  filter: ColumnFilter[];
}

export const groupPageSize = 50;

const conditions = (filter: ColumnFilter[]) => (filter.length === 0 ? undefined : JSON.stringify(filter));

export const groupsQuery = (batchId: string, view: GroupsView, page: number) =>
  queryOptions({
    queryKey: ["results", "groups", batchId, view, page],
    queryFn: async ({ signal }) => {
      const { groupBy, aggregate, pivot, sort, filter } = view;
      const query = { group_by: groupBy, aggregate, pivot, sort, filter: conditions(filter), limit: groupPageSize, offset: (page - 1) * groupPageSize };
      return (await groupJobResults({ path: { job_id: batchId }, query, signal, throwOnError: true })).data;
    },
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });

export interface ChartView {
  x: string;
  y: string;
  series?: string;
  filter: ColumnFilter[];
}

export const chartQuery = (batchId: string, { x, y, series, filter }: ChartView) =>
  queryOptions({
    queryKey: ["results", "chart", batchId, x, y, series, filter],
    queryFn: async ({ signal }) => {
      const query = { x, y, series, filter: conditions(filter) };
      return (await chartJobResults({ path: { job_id: batchId }, query, signal, throwOnError: true })).data;
    },
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
