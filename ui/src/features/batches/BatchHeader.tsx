import { Anchor, Button, Group, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { Job } from "@/api/batches";
import { Icon } from "@/components/Icon";
import { Ago, Elapsed } from "@/components/Moments";
import { canCancel, isFinished } from "@/model/status";
import { formatCount, plural } from "@/model/wording";
import { CancelButton } from "./CancelButton";
import { RetryButton } from "./RetryButton";

export function BatchActions({ batch }: { batch: Job }) {
  const failed = batch.progress.failed_operations;
  const partial = !isFinished(batch.status);
  return (
    <>
      {failed > 0 && <RetryButton batchId={batch.job_id} count={failed} />}
      {(batch.progress.completed_operations > 0 || !partial) && (
        <Button variant="default" leftSection={<Icon name="columns" size={14} />}
          renderRoot={(props) => <Link to="/batches/$batchId/results" params={{ batchId: batch.job_id }} {...props} />}>
          {partial ? "Results so far" : "Results"}
        </Button>
      )}
      {canCancel(batch.status) && <CancelButton batch={batch} />}
    </>
  );
}

export function BatchFacts({ batch }: { batch: Job }) {
  return (
    <Group gap="4px 16px">
      <Text c="dimmed" className="ff-mono">
        {batch.job_id}
      </Text>
      {batch.workflow && (
        <Text c="dimmed">
          Workflow{" "}
          <Anchor inherit underline="always" renderRoot={(props) => <Link to="/workflows/$workflowId" params={{ workflowId: batch.workflow?.id }} {...props} />}>
            {batch.workflow.name}
          </Anchor>
        </Text>
      )}
      <Text c="dimmed">
        Submitted <Ago at={batch.created_at} />
        {batch.created_by && ` by ${batch.created_by}`}
      </Text>
      <Text c="dimmed">
        {isFinished(batch.status) ? "Took" : "Running for"} <Elapsed from={batch.started_at} to={batch.finished_at} />
      </Text>
      {isFinished(batch.status) && <Text c="dimmed">{plural(batch.row_count, "row")}</Text>}
      <Text c="dimmed">At most {formatCount(batch.max_parallel)} at a time</Text>
    </Group>
  );
}
