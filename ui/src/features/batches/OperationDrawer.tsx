import { Group, Stack, Text } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { operationQuery, type OperationDetail } from "@/api/batches";
import { SideDrawer } from "@/components/Dialog";
import { Elapsed } from "@/components/Moments";
import { Failure, Loading } from "@/components/PageState";
import { StatusPill } from "@/components/StatusPill";
import { operationLook } from "@/model/status";
import { plural } from "@/model/wording";
import { AttemptList } from "./AttemptList";
import { OperationErrorBox } from "./OperationErrorBox";
import { OperationBadges, OperationLine } from "./OperationLine";
import { ParameterTable } from "./ParameterTable";
import { ResultWarnings, warningsOf } from "./ResultWarnings";
import { RetryButton } from "./RetryButton";

const route = getRouteApi("/shell/batches/$batchId/operations/$operationId");

function Body({ batchId, operation }: { batchId: string; operation: OperationDetail }) {
  useDocumentTitle(`${operation.target_name} · Fanfold`);
  return (
    <Stack gap={16}>
      <Group gap={8}>
        <StatusPill look={operationLook(operation.status, operation.waiting)} large />
        <OperationBadges operation={operation} />
        {operation.status === "failed" && <RetryButton batchId={batchId} count={1} operationId={operation.id} />}
      </Group>
      {operation.status !== "failed" && <OperationLine operation={operation} />}
      {operation.error && <OperationErrorBox error={operation.error} />}
      <ResultWarnings warnings={warningsOf(operation)} />
      <Text c="dimmed">
        {plural(operation.attempt_count, "attempt")}
        {operation.started_at != null && (
          <>
            , <Elapsed from={operation.started_at} to={operation.status === "running" ? null : operation.finished_at ?? operation.started_at} />
          </>
        )}
        , execution <span className="ff-mono">{operation.execution_id}</span>
      </Text>
      <ParameterTable parameters={operation.parameters} overridden={operation.overridden} />
      <AttemptList attempts={operation.attempts} />
    </Stack>
  );
}

/** One operation over its batch; closing leads back to the list as it was. */
export function OperationDrawer() {
  const { batchId, operationId } = route.useParams();
  const navigate = route.useNavigate();
  const { data, error, refetch } = useQuery(operationQuery(batchId, operationId));
  const close = () =>
    void navigate({ to: "/batches/$batchId", params: { batchId }, search: (old) => old, resetScroll: false });
  return (
    <SideDrawer onClose={close} title={data?.target_name ?? "Operation"}>
      {error && <Failure error={error} what="The operation could not be loaded" onRetry={() => void refetch()} />}
      {!data && !error && <Loading label="Loading the operation" />}
      {data && <Body batchId={batchId} operation={data} />}
    </SideDrawer>
  );
}
