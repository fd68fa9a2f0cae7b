import { queryOptions } from "@tanstack/react-query";
import { checkQuery, checkQueryOnInstances, getSavedStates, syncWorkflow } from "./generated";
import type { CheckedInstanceView, FindingView, InstanceCheckReport, SavedOnView } from "./generated";
import type { Workflow } from "./workflows";

export type { CheckedInstanceView as CheckedInstance, FindingView as Finding, InstanceCheckReport as InstanceCheck, SavedOnView as SavedOn };

const asText = (workflow: Workflow) => ({ sql_query: workflow.sql_query, parameters: workflow.parameters });

/** What is to be said about a workflow's text before anything runs. */
export const preflightQuery = (workflow: Workflow | undefined) =>
  queryOptions({
    queryKey: ["workflows", "preflight", workflow?.id, workflow?.version],
    queryFn: async ({ signal }) => {
      if (workflow === undefined) throw new Error("no workflow yet");
      return (await checkQuery({ body: asText(workflow), signal, throwOnError: true })).data;
    },
    staleTime: Infinity,
  });

/** Lines with findings; an error outweighs a warning. */
export function marksOf(findings: readonly FindingView[]): Map<number, "error" | "warning"> {
  const marks = new Map<number, "error" | "warning">();
  for (const { line, severity } of findings) {
    if (line !== null && marks.get(line) !== "error") marks.set(line, severity === "error" ? "error" : "warning");
  }
  return marks;
}

export interface InstanceChoice {
  workflow: Workflow;
  instanceIds: readonly string[];
}

/** Compares the text with each instance's own tables; a dry run lets AMC compile it there too. */
export async function checkOnInstances({ workflow, instanceIds }: InstanceChoice, dryRun: boolean): Promise<InstanceCheckReport> {
  const body = { ...asText(workflow), batch: { instance_ids: [...instanceIds] }, dry_run: dryRun };
  return (await checkQueryOnInstances({ body, throwOnError: true })).data;
}

export const savedStatesQuery = (workflowId: string) =>
  queryOptions({
    queryKey: ["workflows", "saved", workflowId],
    queryFn: async ({ signal }) => (await getSavedStates({ path: { reference: workflowId }, signal, throwOnError: true })).data,
  });

/** Saves it on AMC, or only compares; returns the batch that does it. */
export async function sync({ workflow, instanceIds }: InstanceChoice, compareOnly: boolean): Promise<string> {
  const body = { instance_ids: [...instanceIds], compare_only: compareOnly };
  return (await syncWorkflow({ path: { reference: workflow.id }, body, throwOnError: true })).data.job_id;
}
