/** What the event stream says, and how it changes what is on the screen: cells, never whole lists. */
import type { Job, Operation, OperationList, Progress } from "./generated";

export interface Snapshot {
  job: Job;
  operations: Operation[];
}

export interface Delta {
  status: Job["status"];
  progress: Progress;
  operations: Operation[];
  /** More operations changed than the message carries: lists must be read again. */
  truncated: boolean;
}

export const applyDelta = (job: Job, delta: Delta): Job => ({
  ...job,
  status: delta.status,
  progress: delta.progress,
});

/** Puts changed operations into a page of the list; returns the same page when none of them is on it. */
export function patchOperations(page: OperationList, changed: Operation[]): OperationList {
  const byId = new Map(changed.map((operation) => [operation.id, operation]));
  if (!page.items.some((operation) => byId.has(operation.id))) return page;
  return { ...page, items: page.items.map((operation) => byId.get(operation.id) ?? operation) };
}

/** Whether a list's membership or order changes when states change, so that patched cells are not enough. */
export const followsState = (query: { status?: string; sort?: string }): boolean =>
  query.status !== undefined || (query.sort !== undefined && !/^-?(ordinal|target_name)$/.test(query.sort));

/** How the page gets its news. */
export type Connection = "connecting" | "live" | "polling" | "ended";

export type ConnectionEvent = "message" | "cut" | "end" | "reopen";

/** A cut stream means polling until the stream speaks again; only a retry re-opens an ended one. */
export function nextConnection(current: Connection, event: ConnectionEvent): Connection {
  if (event === "reopen") return "connecting";
  if (current === "ended") return "ended";
  switch (event) {
    case "message":
      return "live";
    case "cut":
      return "polling";
    case "end":
      return "ended";
  }
}
