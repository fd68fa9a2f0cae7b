import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { executeBatch, getWorkflow, listBatchExecutions, listWorkflows, previewBatch } from "./generated";
import type { BatchSubmission, Finding, Parameter, Preview, PreviewInstance, Workflow } from "./generated";

export type { BatchSubmission, Finding, Parameter, Preview, PreviewInstance, Workflow };

export interface WorkflowListQuery {
  q?: string;
  limit: number;
  offset: number;
}

export const workflowsQuery = (query: WorkflowListQuery) =>
  queryOptions({
    queryKey: ["workflows", "list", query],
    queryFn: async ({ signal }) => (await listWorkflows({ query, signal, throwOnError: true })).data,
    placeholderData: keepPreviousData,
  });

export const workflowQuery = (id: string) =>
  queryOptions({
    queryKey: ["workflows", "one", id],
    queryFn: async ({ signal }) =>
      (await getWorkflow({ path: { workflow_id: id }, signal, throwOnError: true })).data,
  });

export const recentBatchesQuery = (workflowId: string) =>
  queryOptions({
    queryKey: ["batches", "of-workflow", workflowId],
    queryFn: async ({ signal }) => {
      const query = { workflow_id: workflowId, limit: 10 };
      return (await listBatchExecutions({ query, signal, throwOnError: true })).data;
    },
  });

export async function preview(workflowId: string, body: BatchSubmission): Promise<Preview> {
  return (await previewBatch({ path: { workflow_id: workflowId }, body, throwOnError: true })).data;
}

/** Submits the batch and returns its id. */
export async function execute(workflowId: string, body: BatchSubmission): Promise<string> {
  const answer = await executeBatch({ path: { workflow_id: workflowId }, body, throwOnError: true });
  return answer.data.batch.batch_id;
}
