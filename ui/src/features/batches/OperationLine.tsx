import { Badge, Text } from "@mantine/core";
import type { Operation } from "@/api/batches";
import { useNow } from "@/components/Moments";
import { formatDuration, plural } from "@/model/wording";

const waits: Record<string, string> = {
  remote: "AMC is working",
  slot: "Waiting for a free slot",
};

function RetryWait({ dueAt, tried }: { dueAt: string | null | undefined; tried: number }) {
  const now = useNow(1_000);
  const left = dueAt == null ? 0 : Date.parse(dueAt) - now;
  return <>{`Attempt ${tried + 1} ${left > 0 ? `in ${formatDuration(left)}` : "soon"}`}</>;
}

const reasons: Record<string, string> = {
  timeout: "Timed out",
  throttled: "Throttled",
  target_unavailable: "Target unavailable",
  lost: "Lost its worker",
  stop_on_error: "Skipped after a failure",
  budget: "Skipped: failure budget spent",
  condition: "Skipped by its condition",
  user: "Cancelled by a user",
};

/** One line of what matters now: rows when done, the error when failed, what it waits for when not. */
export function OperationLine({ operation }: { operation: Operation }) {
  const { status, waiting, error, reason } = operation;
  if (status === "failed") {
    return (
      <Text size="xs" data-tone="failed" style={{ color: "var(--tone-text)" }} lineClamp={2}>
        {error?.message ?? reasons[reason ?? ""] ?? "Failed"}
      </Text>
    );
  }
  const line = () => {
    if (status === "completed") return operation.row_count == null ? "Completed" : plural(operation.row_count, "row");
    if (waiting === "retry") return <RetryWait dueAt={operation.due_at} tried={operation.attempt_count} />;
    if (status === "running" || status === "pending") return waits[waiting ?? ""] ?? (status === "running" ? "Running" : "Not started");
    return reasons[reason ?? ""] ?? "";
  };
  return (
    <Text size="xs" c="dimmed">
      {line()}
    </Text>
  );
}

export const regionOf = (operation: Operation): string | undefined => {
  const region = operation.target_detail?.region;
  return typeof region === "string" ? region : undefined;
};

export function OperationBadges({ operation }: { operation: Operation }) {
  const region = regionOf(operation);
  return (
    <>
      {region && (
        <Badge variant="default" size="xs" tt="none" fw={400}>
          {region}
        </Badge>
      )}
      {operation.overridden.length > 0 && (
        <Badge variant="default" size="xs" tt="none" fw={400}>
          {plural(operation.overridden.length, "override")}
        </Badge>
      )}
      {operation.attempt_count > 1 && (
        <Badge variant="default" size="xs" tt="none" fw={400}>
          attempt {operation.attempt_count}
        </Badge>
      )}
    </>
  );
}
