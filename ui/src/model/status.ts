/** How states look and read: one table for the whole UI; the words are the API's own. */

export type Tone =
  | "succeeded" | "failed" | "running" | "paused" | "partial" | "retrying" | "queued" | "skipped" | "cancelled";

export interface Look {
  word: string;
  tone: Tone;
}

export const batchLooks: Record<string, Look> = {
  pending: { word: "Pending", tone: "queued" },
  queued: { word: "Queued", tone: "queued" },
  running: { word: "Running", tone: "running" },
  paused: { word: "Paused", tone: "paused" },
  cancelling: { word: "Cancelling", tone: "cancelled" },
  completed: { word: "Completed", tone: "succeeded" },
  partial: { word: "Partial", tone: "partial" },
  partial_success: { word: "Partial", tone: "partial" },
  failed: { word: "Failed", tone: "failed" },
  cancelled: { word: "Cancelled", tone: "cancelled" },
};

export const operationStates = ["completed", "running", "pending", "failed", "skipped", "cancelled"] as const;
export type OperationState = (typeof operationStates)[number];

export const operationLooks: Record<OperationState, Look> = {
  pending: { word: "Pending", tone: "queued" },
  running: { word: "Running", tone: "running" },
  completed: { word: "Completed", tone: "succeeded" },
  failed: { word: "Failed", tone: "failed" },
  skipped: { word: "Skipped", tone: "skipped" },
  cancelled: { word: "Cancelled", tone: "cancelled" },
};

const unknownLook = (status: string): Look => ({ word: status.replaceAll("_", " "), tone: "queued" });

export const batchLook = (status: string): Look => batchLooks[status] ?? unknownLook(status);

/** A pending operation that has been tried before is a retry that waits: it gets its own look. */
export function operationLook(status: string, waiting?: string | null): Look {
  if (status === "pending" && waiting === "retry") return { word: "Retrying", tone: "retrying" };
  return (operationLooks as Partial<Record<string, Look>>)[status] ?? unknownLook(status);
}

const attemptLooks: Record<string, Look> = {
  running: { word: "Running", tone: "running" },
  snoozed: { word: "Waiting for AMC", tone: "running" },
  succeeded: { word: "Succeeded", tone: "succeeded" },
  failed: { word: "Failed", tone: "failed" },
  throttled: { word: "Throttled", tone: "paused" },
  lost: { word: "Worker lost", tone: "failed" },
  cancelled: { word: "Cancelled", tone: "cancelled" },
};

export const attemptLook = (state: string): Look => attemptLooks[state] ?? unknownLook(state);

const terminalBatch = new Set(["completed", "partial", "partial_success", "failed", "cancelled"]);

export const isFinished = (status: string): boolean => terminalBatch.has(status);

export const canCancel = (status: string): boolean => !isFinished(status) && status !== "cancelling";
