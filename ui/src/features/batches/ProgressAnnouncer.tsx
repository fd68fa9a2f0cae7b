import { useThrottledValue } from "@mantine/hooks";
import type { Job } from "@/api/batches";
import { batchLook, isFinished } from "@/model/status";
import { plural } from "@/model/wording";

/** Speaks the progress at most every ten seconds, and the end at once. */
export function ProgressAnnouncer({ batch }: { batch: Job }) {
  const { completed_operations: done, failed_operations: failed, total_operations: total } = batch.progress;
  const running = `${done} of ${plural(total, "operation")} completed${failed > 0 ? `, ${failed} failed` : ""}.`;
  const calm = useThrottledValue(running, 10_000);
  return (
    <div className="ff-sr-only" aria-live="polite">
      {isFinished(batch.status) ? `${batchLook(batch.status).word}: ${running}` : calm}
    </div>
  );
}
