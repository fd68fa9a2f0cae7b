import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { cancelJob, getJob, getOperation, listJobs, listOperations, retryJob } from "./generated";
import type { Attempt, Call, Job, JobList, Operation, OperationDetail, OperationList, Progress } from "./generated";

export type { Attempt, Call, Job, JobList, Operation, OperationDetail, OperationList, Progress };

export interface BatchListQuery {
  q?: string;
  status?: string;
  sort?: string;
  limit: number;
  offset: number;
}

export interface OperationListQuery {
  q?: string;
  status?: string;
  sort?: string;
  limit: number;
  offset: number;
}

/** The API takes several states; the UI asks for one. */
const asked = <T extends { status?: string }>({ status, ...query }: T) => ({
  ...query,
  status: status === undefined ? undefined : [status],
});

export const batchesQuery = (query: BatchListQuery) =>
  queryOptions({
    queryKey: ["batches", "list", query],
    queryFn: async ({ signal }) => (await listJobs({ query: asked(query), signal, throwOnError: true })).data,
    placeholderData: keepPreviousData,
  });

export const batchQuery = (id: string) =>
  queryOptions({
    queryKey: ["batches", "one", id],
    queryFn: async ({ signal }) => (await getJob({ path: { job_id: id }, signal, throwOnError: true })).data,
  });

export const operationsKey = (id: string) => ["batches", "operations", id];

export const operationsQuery = (id: string, query: OperationListQuery) =>
  queryOptions({
    queryKey: [...operationsKey(id), query],
    queryFn: async ({ signal }) =>
      (await listOperations({ path: { job_id: id }, query: asked(query), signal, throwOnError: true })).data,
    placeholderData: keepPreviousData,
  });

export const operationQuery = (id: string, operationId: string) =>
  queryOptions({
    queryKey: ["batches", "operation", id, operationId],
    queryFn: async ({ signal }) => {
      const path = { job_id: id, operation_id: operationId };
      return (await getOperation({ path, signal, throwOnError: true })).data;
    },
  });

export async function cancel(id: string): Promise<string> {
  return (await cancelJob({ path: { job_id: id }, body: {}, throwOnError: true })).data.message;
}

/** Without `operationIds` every failed operation runs again. */
export async function retry(id: string, operationIds?: string[]): Promise<string> {
  const body = operationIds === undefined ? { select: ["failed"] } : { operation_ids: operationIds };
  return (await retryJob({ path: { job_id: id }, body, throwOnError: true })).data.message;
}

export const eventsUrl = (id: string): string => `/batch/jobs/${encodeURIComponent(id)}/events`;
