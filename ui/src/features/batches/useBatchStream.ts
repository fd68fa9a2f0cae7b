import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useEffect, useReducer } from "react";
import { batchQuery, eventsUrl, operationQuery, operationsKey, type Job, type OperationList } from "@/api/batches";
import { applyDelta, followsState, nextConnection, patchOperations, type Connection, type Delta, type Snapshot } from "@/api/live";
import type { Operation, OperationListQuery } from "@/api/batches";
import { isFinished } from "@/model/status";

export const pollMs = 10_000;
const reopenMs = 10_000;

function writeOperations(queries: QueryClient, batchId: string, changed: Operation[]) {
  queries.setQueriesData<OperationList>({ queryKey: operationsKey(batchId) }, (page) => page && patchOperations(page, changed));
}

function writeJob(queries: QueryClient, batchId: string, update: (job: Job | undefined) => Job | undefined) {
  queries.setQueryData(batchQuery(batchId).queryKey, update);
}

export function refreshBatch(queries: QueryClient, batchId: string) {
  void queries.invalidateQueries({ queryKey: batchQuery(batchId).queryKey });
  void queries.invalidateQueries({ queryKey: operationsKey(batchId) });
  void queries.invalidateQueries({ queryKey: ["batches", "operation", batchId] });
}

/** Cells were patched; only lists whose membership or order follows the state are read again. */
function applyToCache(queries: QueryClient, batchId: string, delta: Delta) {
  writeJob(queries, batchId, (job) => job && applyDelta(job, delta));
  writeOperations(queries, batchId, delta.operations);
  if (isFinished(delta.status)) {
    refreshBatch(queries, batchId);
    return;
  }
  void queries.invalidateQueries({
    queryKey: operationsKey(batchId),
    predicate: ({ queryKey }) => delta.truncated || followsState(queryKey[3] as OperationListQuery),
  });
  for (const { id } of delta.operations) {
    void queries.invalidateQueries({ queryKey: operationQuery(batchId, id).queryKey });
  }
}

interface StreamHandlers {
  onMessage: () => void;
  onCut: () => void;
  onEnd: () => void;
}

function openStream(queries: QueryClient, batchId: string, handlers: StreamHandlers): EventSource {
  const source = new EventSource(eventsUrl(batchId));
  const listen = (name: string, act: (content: unknown) => void) =>
    source.addEventListener(name, (event) => {
      handlers.onMessage();
      act(JSON.parse((event as MessageEvent<string>).data));
    });
  listen("snapshot", (content) => {
    const { job, operations } = content as Snapshot;
    writeJob(queries, batchId, () => job);
    writeOperations(queries, batchId, operations);
  });
  listen("delta", (content) => applyToCache(queries, batchId, content as Delta));
  listen("end", () => {
    source.close();
    handlers.onEnd();
    refreshBatch(queries, batchId);
  });
  source.onerror = handlers.onCut;
  return source;
}

/**
 * Keeps the cached batch and its operations up to date by server-sent events.
 * While the stream is cut the caller polls; `EventSource` reconnects by itself unless the server refused it,
 * then we open a new one every ten seconds.
 */
export function useBatchStream(batchId: string, active: boolean): Connection {
  const queries = useQueryClient();
  const [connection, report] = useReducer(nextConnection, "connecting");
  useEffect(() => {
    if (!active) return;
    report("reopen");
    let timer: ReturnType<typeof setTimeout> | undefined;
    const open = (): EventSource =>
      openStream(queries, batchId, {
        onMessage: () => report("message"),
        onEnd: () => report("end"),
        onCut: () => {
          report("cut");
          if (source.readyState !== EventSource.CLOSED) return;
          timer = setTimeout(() => {
            source = open();
          }, reopenMs);
        },
      });
    let source = open();
    return () => {
      clearTimeout(timer);
      source.close();
    };
  }, [queries, batchId, active]);
  return connection;
}
