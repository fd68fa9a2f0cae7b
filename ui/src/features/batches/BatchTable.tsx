import { Anchor, Box, Group, Table, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { Job } from "@/api/batches";
import { Ago, Elapsed } from "@/components/Moments";
import { Scroll } from "@/components/Scroll";
import { SortHeader } from "@/components/SortHeader";
import { StatusPill } from "@/components/StatusPill";
import { StatusStrip } from "@/components/StatusStrip";
import { batchLook } from "@/model/status";
import { formatCount } from "@/model/wording";

function OperationCounts({ batch }: { batch: Job }) {
  const { completed_operations: done, failed_operations: failed, total_operations: total } = batch.progress;
  return (
    <>
      <StatusStrip progress={batch.progress} />
      <Group gap={8}>
        <Text size="xs" c="dimmed">
          {formatCount(done)} of {formatCount(total)} completed
        </Text>
        {failed > 0 && (
          <Text size="xs" fw={600} data-tone="failed" style={{ color: "var(--tone-text)" }}>
            {formatCount(failed)} failed
          </Text>
        )}
      </Group>
    </>
  );
}

function BatchRow({ batch }: { batch: Job }) {
  return (
    <Table.Tr>
      <Table.Td maw={420}>
        <Anchor fw={600} renderRoot={(props) => <Link to="/batches/$batchId" params={{ batchId: batch.job_id }} {...props} />}>
          {batch.name || batch.job_id}
        </Anchor>
        <Text c="dimmed" size="xs" truncate>
          {batch.workflow?.name ?? batch.kind}
        </Text>
        <Box hiddenFrom="sm">
          <OperationCounts batch={batch} />
        </Box>
      </Table.Td>
      <Table.Td>
        <StatusPill look={batchLook(batch.status)} />
      </Table.Td>
      <Table.Td miw={140} visibleFrom="sm">
        <OperationCounts batch={batch} />
      </Table.Td>
      <Table.Td ta="right" visibleFrom="sm">
        {formatCount(batch.row_count)}
      </Table.Td>
      <Table.Td visibleFrom="lg">{batch.created_by}</Table.Td>
      <Table.Td visibleFrom="sm">
        <Ago at={batch.created_at} />
      </Table.Td>
      <Table.Td ta="right" visibleFrom="sm">
        <Elapsed from={batch.started_at} to={batch.finished_at} />
      </Table.Td>
    </Table.Tr>
  );
}

interface BatchTableProps {
  batches: Job[];
  sort: string;
  onSort: (sort: string) => void;
}

export function BatchTable({ batches, sort, onSort }: BatchTableProps) {
  return (
    <Scroll label="Batches, table">
      <Table verticalSpacing={6} horizontalSpacing={8} highlightOnHover aria-label="Batches">
        <Table.Thead>
          <Table.Tr>
            <SortHeader label="Name" column="name" sort={sort} onSort={onSort} />
            <SortHeader label="Status" column="status" sort={sort} onSort={onSort} />
            <Table.Th visibleFrom="sm">Operations</Table.Th>
            <Table.Th ta="right" visibleFrom="sm">Rows</Table.Th>
            <Table.Th visibleFrom="lg" style={{ whiteSpace: "nowrap" }}>Submitted by</Table.Th>
            <SortHeader label="Submitted" column="created_at" sort={sort} onSort={onSort} visibleFrom="sm" />
            <Table.Th ta="right" visibleFrom="sm">Duration</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {batches.map((batch) => (
            <BatchRow key={batch.job_id} batch={batch} />
          ))}
        </Table.Tbody>
      </Table>
    </Scroll>
  );
}
