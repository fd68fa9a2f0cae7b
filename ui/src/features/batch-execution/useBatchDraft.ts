import { useMutation, useQuery } from "@tanstack/react-query";
import { useMemo, useReducer } from "react";
import { toProblem } from "@/api/problem";
import { execute, preview, type BatchSubmission, type Workflow } from "@/api/workflows";
import { emptyDraft, reduceDraft } from "./draft";
import type { Step } from "./steps";
import { checkDraft, countErrors, mapProblem, toSubmission, type DraftErrors } from "./submission";

const today = () => new Intl.DateTimeFormat("en-GB", { dateStyle: "medium" }).format(new Date());

/**
 * The draft, what is wrong with it, and the ways to the server.
 * The server's refusals are keyed by the very request that they answer, so any change of the draft clears them.
 */
export function useBatchDraft(workflow: Workflow, step: Step, onStarted: (batchId: string) => void) {
  const [draft, dispatch] = useReducer(reduceDraft, `${workflow.name} · ${today()}`, emptyDraft);
  const own = useMemo(() => checkDraft(draft, workflow.parameters), [draft, workflow.parameters]);
  const submission = useMemo(() => toSubmission(draft, workflow.parameters), [draft, workflow.parameters]);
  const clean = countErrors(own) === 0;
  const check = useQuery({
    queryKey: ["preview", workflow.id, submission],
    queryFn: () => preview(workflow.id, submission),
    enabled: clean && step === "review",
    retry: false,
    staleTime: 60_000,
    gcTime: 60_000,
  });
  const start = useMutation({ mutationFn: (body: BatchSubmission) => execute(workflow.id, body), onSuccess: onStarted });
  const refusal = start.error !== null && start.variables === submission ? start.error : check.error;
  const errors: DraftErrors = clean && refusal !== null ? mapProblem(toProblem(refusal), submission) : own;
  return {
    draft,
    dispatch,
    errors,
    preview: clean ? check.data : undefined,
    checking: check.isFetching,
    starting: start.isPending,
    ready: clean && check.data !== undefined && countErrors(errors) === 0,
    submit: () => start.mutate(submission),
  };
}
