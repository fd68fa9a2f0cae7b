import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { batchQuery } from "@/api/batches";
import type { Connection } from "@/api/live";
import { Notice } from "@/components/Notice";
import { Page } from "@/components/Page";
import { Failure, Loading } from "@/components/PageState";
import { StatusPill } from "@/components/StatusPill";
import { batchLook, isFinished } from "@/model/status";
import { BatchActions, BatchFacts } from "./BatchHeader";
import { LiveMark } from "./LiveMark";
import { Operations } from "./Operations";
import { ProgressPanel } from "./ProgressPanel";
import { pollMs, useBatchStream } from "./useBatchStream";

const route = getRouteApi("/shell/batches/$batchId");

/** A stream may die without a word: even a live page asks once a minute. */
const checkMs = (active: boolean, connection: Connection) => {
  if (!active) return false as const;
  return connection === "live" ? 60_000 : pollMs;
};

function ConnectionNotice({ connection, updatedAt }: { connection: Connection; updatedAt: number }) {
  if (connection !== "polling") return null;
  return (
    <Notice tone="paused">
        The live stream is cut. Asking every 10 seconds until it is back; what you see is from{" "}
        {new Date(updatedAt).toLocaleTimeString("en-GB")}.
    </Notice>
  );
}

function useLiveBatch(batchId: string) {
  const cached = useQuery({ ...batchQuery(batchId), refetchInterval: false });
  const active = cached.data !== undefined && !isFinished(cached.data.status);
  const connection = useBatchStream(batchId, active);
  const interval = checkMs(active, connection);
  useQuery({ ...batchQuery(batchId), refetchInterval: interval });
  return { ...cached, active, connection, interval };
}

export function BatchPage() {
  const { batchId } = route.useParams();
  const { status } = route.useSearch();
  const navigate = route.useNavigate();
  const { data: batch, error, refetch, dataUpdatedAt, active, connection, interval } = useLiveBatch(batchId);
  if (!batch) {
    return (
      <Page title="Batch">
        {error ? (
          <Failure error={error} what="The batch could not be loaded" onRetry={() => void refetch()} />
        ) : (
          <Loading rows={12} label="Loading the batch" />
        )}
      </Page>
    );
  }
  const look = batchLook(batch.status);
  return (
    <Page title={batch.name || batch.job_id} documentTitle={`${look.word}: ${batch.name || batch.job_id}`}
      actions={<BatchActions batch={batch} />}
      heading={
        <>
          <StatusPill look={look} large />
          {active && <LiveMark connection={connection} />}
        </>
      }>
      {batch.description && <Text>{batch.description}</Text>}
      <BatchFacts batch={batch} />
      {active && <ConnectionNotice connection={connection} updatedAt={dataUpdatedAt} />}
      <ProgressPanel batch={batch} status={status}
        onStatus={(next) => void navigate({ search: (old) => ({ ...old, status: next, page: undefined }), replace: true })} />
      <Operations batch={batch} refreshMs={interval} />
    </Page>
  );
}
