import { Anchor, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { recentBatchesQuery } from "@/api/workflows";
import { Ago } from "@/components/Moments";
import { Failure, Loading } from "@/components/PageState";
import { StatusPill } from "@/components/StatusPill";
import { batchLook } from "@/model/status";
import { formatCount, plural } from "@/model/wording";

export function RecentBatches({ workflowId }: { workflowId: string }) {
  const { data, error, refetch } = useQuery(recentBatchesQuery(workflowId));
  return (
    <section aria-labelledby="recent">
      <Title order={2} id="recent" mb={4}>
        Last batches
      </Title>
      {error && <Failure error={error} what="The batches could not be loaded" onRetry={() => void refetch()} />}
      {!data && !error && <Loading rows={3} label="Loading the last batches" />}
      {data?.batch_executions.length === 0 && <Text c="dimmed">This workflow has not run yet.</Text>}
      {data && data.batch_executions.length > 0 && (
        <Table verticalSpacing={4} horizontalSpacing={8} aria-label="Last batches">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Batch</Table.Th>
              <Table.Th>Status</Table.Th>
              <Table.Th>Submitted</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {data.batch_executions.map((batch) => (
              <Table.Tr key={batch.batch_id}>
                <Table.Td>
                  <Anchor renderRoot={(props) => <Link to="/batches/$batchId" params={{ batchId: batch.batch_id }} {...props} />}>
                    {batch.name || batch.batch_id}
                  </Anchor>
                  <Text size="xs" c="dimmed">
                    {formatCount(batch.completed_instances)} of {plural(batch.total_instances, "instance")} completed
                  </Text>
                </Table.Td>
                <Table.Td>
                  <StatusPill look={batchLook(batch.status)} />
                </Table.Td>
                <Table.Td>
                  <Ago at={batch.created_at} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </section>
  );
}
