import { Group, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { memo } from "react";
import type { Operation } from "@/api/batches";
import { Elapsed } from "@/components/Moments";
import { StatusPill } from "@/components/StatusPill";
import { operationLook } from "@/model/status";
import classes from "./OperationCards.module.css";
import { OperationBadges, OperationLine } from "./OperationLine";

/** Unchanged operations keep their identity in the cache, so a delta draws only the cards that it names. */
const OperationCard = memo(function OperationCard({ batchId, operation }: { batchId: string; operation: Operation }) {
  const look = operationLook(operation.status, operation.waiting);
  return (
    <Link className={classes.card} data-tone={look.tone} to="/batches/$batchId/operations/$operationId"
      params={{ batchId, operationId: operation.id }} search={true} resetScroll={false}>
      <Text fw={600} lineClamp={2}>
        {operation.target_name}
      </Text>
      <OperationLine operation={operation} />
      <Group gap={4} mt="auto">
        <StatusPill look={look} />
        <OperationBadges operation={operation} />
        <Text ml="auto" size="xs" c="dimmed" style={{ whiteSpace: "nowrap" }}>
          {operation.started_at != null && <Elapsed from={operation.started_at} to={operation.status === "running" ? null : operation.finished_at ?? operation.started_at} />}
        </Text>
      </Group>
    </Link>
  );
});

export function OperationCards({ batchId, operations }: { batchId: string; operations: Operation[] }) {
  return (
    <ul className={classes.grid}>
      {operations.map((operation) => (
        <li key={operation.id}>
          <OperationCard batchId={batchId} operation={operation} />
        </li>
      ))}
    </ul>
  );
}
