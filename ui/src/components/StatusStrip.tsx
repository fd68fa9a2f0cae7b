import type { Progress } from "@/api/batches";
import { operationLooks, operationStates, type OperationState } from "@/model/status";
import { formatCount } from "@/model/wording";
import classes from "./StatusStrip.module.css";

export type Counts = Record<OperationState, number>;

export const countsOf = (progress: Progress): Counts => ({
  completed: progress.completed_operations,
  running: progress.running_operations,
  pending: progress.pending_operations,
  failed: progress.failed_operations,
  skipped: progress.skipped_operations,
  cancelled: progress.cancelled_operations,
});

const sentence = (counts: Counts) =>
  operationStates
    .filter((state) => counts[state] > 0)
    .map((state) => `${formatCount(counts[state])} ${operationLooks[state].word.toLowerCase()}`)
    .join(", ");

/** The batch's operations by state, as one bar; the numbers are spoken, not only drawn. */
export function StatusStrip({ progress, tall = false }: { progress: Progress; tall?: boolean }) {
  const counts = countsOf(progress);
  return (
    <div className={classes.strip} data-tall={tall || undefined} role="img" aria-label={sentence(counts) || "No operations"}>
      {operationStates
        .filter((state) => counts[state] > 0)
        .map((state) => (
          <span key={state} className={classes.part} data-tone={operationLooks[state].tone} data-state={state}
            style={{ flexGrow: counts[state] }} />
        ))}
    </div>
  );
}
