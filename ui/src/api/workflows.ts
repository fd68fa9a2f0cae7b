import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { executeBatch, getWorkflow, listBatchExecutions, listWorkflows, previewBatch } from "./generated";
import type { FindingView, ParameterForm, PreviewedInstanceView, PreviewView, WorkflowView } from "./generated";

export type { FindingView as Finding, PreviewedInstanceView as PreviewInstance, PreviewView as Preview };

/** A declared parameter of a workflow. */
export interface Parameter {
  name: string;
  data_type: string;
  required: boolean;
  default: unknown;
  description: string;
}

export type Workflow = Omit<WorkflowView, "parameters"> & { parameters: Parameter[] };

/** The body of a batch of one workflow, and of its preview. */
export interface BatchSubmission {
  instance_ids: string[];
  parameters: Record<string, unknown>;
  /** Overrides by the id of an instance. */
  instance_parameters: Record<string, Record<string, unknown>>;
  name?: string;
  description?: string;
}

/** The answer's parameters may leave out what has a default. */
export const toParameter = (parameter: ParameterForm): Parameter => ({
  name: parameter.name,
  data_type: parameter.data_type ?? "STRING",
  required: parameter.required ?? false,
  default: parameter.default,
  description: parameter.description ?? "",
});

export const toWorkflow = (view: WorkflowView): Workflow => ({ ...view, parameters: view.parameters.map(toParameter) });

export interface WorkflowListQuery {
  q?: string;
  limit: number;
  offset: number;
}

export const workflowsQuery = (query: WorkflowListQuery) =>
  queryOptions({
    queryKey: ["workflows", "list", query],
    queryFn: async ({ signal }) => {
      const { data } = await listWorkflows({ query, signal, throwOnError: true });
      return { ...data, items: data.items.map(toWorkflow) };
    },
    placeholderData: keepPreviousData,
  });

export const workflowQuery = (id: string) =>
  queryOptions({
    queryKey: ["workflows", "one", id],
    queryFn: async ({ signal }) =>
      toWorkflow((await getWorkflow({ path: { reference: id }, signal, throwOnError: true })).data),
  });

export const recentBatchesQuery = (workflowId: string) =>
  queryOptions({
    queryKey: ["batches", "of-workflow", workflowId],
    queryFn: async ({ signal }) => {
      const query = { workflow_id: workflowId, limit: 10 };
      return (await listBatchExecutions({ query, signal, throwOnError: true })).data;
    },
  });

export async function preview(workflowId: string, body: BatchSubmission): Promise<PreviewView> {
  return (await previewBatch({ path: { reference: workflowId }, body, throwOnError: true })).data;
}

/** Submits the batch and returns its id. */
export async function execute(workflowId: string, body: BatchSubmission): Promise<string> {
  const answer = await executeBatch({ path: { workflow_id: workflowId }, body, throwOnError: true });
  return answer.data.batch.batch_id;
}
