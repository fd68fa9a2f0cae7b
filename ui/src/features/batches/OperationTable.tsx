import { Anchor, Group, Table, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { memo } from "react";
import type { Operation } from "@/api/batches";
import { Elapsed } from "@/components/Moments";
import { SortHeader } from "@/components/SortHeader";
import { StatusPill } from "@/components/StatusPill";
import { operationLook } from "@/model/status";
import { formatCount } from "@/model/wording";
import { OperationBadges, OperationLine } from "./OperationLine";

const OperationRow = memo(function OperationRow({ batchId, operation }: { batchId: string; operation: Operation }) {
  return (
    <Table.Tr>
      <Table.Td>
        <Group gap={6}>
          <Anchor renderRoot={(props) => (
            <Link to="/batches/$batchId/operations/$operationId" params={{ batchId, operationId: operation.id }}
              search={true} resetScroll={false} {...props} />
          )}>
            {operation.target_name}
          </Anchor>
          <OperationBadges operation={operation} />
        </Group>
      </Table.Td>
      <Table.Td>
        <StatusPill look={operationLook(operation.status, operation.waiting)} />
      </Table.Td>
      <Table.Td maw={420} visibleFrom="sm">
        <OperationLine operation={operation} />
      </Table.Td>
      <Table.Td ta="right" visibleFrom="sm">
        {operation.row_count == null ? "–" : formatCount(operation.row_count)}
      </Table.Td>
      <Table.Td ta="right" visibleFrom="sm">
        <Text inherit span style={{ whiteSpace: "nowrap" }}>
          {operation.started_at == null ? "–" : <Elapsed from={operation.started_at} to={operation.status === "running" ? null : operation.finished_at ?? operation.started_at} />}
        </Text>
      </Table.Td>
    </Table.Tr>
  );
});

interface OperationTableProps {
  batchId: string;
  operations: Operation[];
  sort: string | undefined;
  onSort: (sort: string) => void;
}

export function OperationTable({ batchId, operations, sort, onSort }: OperationTableProps) {
  return (
    <Table verticalSpacing={4} horizontalSpacing={8} highlightOnHover aria-label="Operations">
      <Table.Thead>
        <Table.Tr>
          <SortHeader label="Target" column="target_name" sort={sort} onSort={onSort} />
          <SortHeader label="State" column="status" sort={sort} onSort={onSort} />
          <Table.Th visibleFrom="sm">What happens</Table.Th>
          <SortHeader label="Rows" column="row_count" sort={sort} onSort={onSort} numeric visibleFrom="sm" />
          <SortHeader label="Duration" column="duration_ms" sort={sort} onSort={onSort} numeric visibleFrom="sm" />
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {operations.map((operation) => (
          <OperationRow key={operation.id} batchId={batchId} operation={operation} />
        ))}
      </Table.Tbody>
    </Table>
  );
}
