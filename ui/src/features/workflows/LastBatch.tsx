import { Anchor, Group, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { Workflow } from "@/api/workflows";
import { Ago } from "@/components/Moments";
import { StatusPill } from "@/components/StatusPill";
import { batchLook } from "@/model/status";

export function LastBatch({ batch }: { batch: Workflow["last_batch"] }) {
  if (!batch) return <Text c="dimmed">never run</Text>;
  return (
    <Group gap={8} wrap="nowrap">
      <StatusPill look={batchLook(batch.status)} />
      <Anchor renderRoot={(props) => <Link to="/batches/$batchId" params={{ batchId: batch.batch_id }} {...props} />}>
        <Ago at={batch.created_at} />
      </Anchor>
    </Group>
  );
}
