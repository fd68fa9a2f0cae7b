import { Group, Paper, Stack, Text, UnstyledButton } from "@mantine/core";
import type { Job } from "@/api/batches";
import { Icon } from "@/components/Icon";
import { toneIcons } from "@/components/StatusPill";
import { countsOf, StatusStrip } from "@/components/StatusStrip";
import { isFinished, operationLooks, operationStates, type OperationState } from "@/model/status";
import { formatCount, formatEta } from "@/model/wording";
import classes from "./ProgressPanel.module.css";
import { ProgressAnnouncer } from "./ProgressAnnouncer";

interface CounterProps {
  state: OperationState;
  count: number;
  chosen: boolean;
  onToggle: () => void;
}

function Counter({ state, count, chosen, onToggle }: CounterProps) {
  const { word, tone } = operationLooks[state];
  return (
    <UnstyledButton className={classes.counter} data-tone={tone} data-empty={count === 0 || undefined} aria-pressed={chosen} onClick={onToggle}>
      <Icon name={toneIcons[tone]} size={14} />
      <span className={classes.number}>{formatCount(count)}</span>
      <span>{word}</span>
    </UnstyledButton>
  );
}

interface ProgressPanelProps {
  batch: Job;
  status: OperationState | undefined;
  onStatus: (status: OperationState | undefined) => void;
}

export function ProgressPanel({ batch, status, onStatus }: ProgressPanelProps) {
  const { progress } = batch;
  const counts = countsOf(progress);
  const finished = isFinished(batch.status);
  return (
    <Paper withBorder p={12}>
      <Stack gap={8}>
        <Group justify="space-between" gap={8}>
          <Text fw={600} size="lg">
            {Math.floor(progress.percent_complete)} %
          </Text>
          <Text c="dimmed" data-stalled={progress.stalled || undefined}>
            {!finished && formatEta(progress)}
            {!finished && progress.rate_per_second != null && progress.rate_per_second > 0 &&
              `, ${(progress.rate_per_second * 60).toFixed(1)} a minute`}
          </Text>
        </Group>
        <StatusStrip progress={progress} tall />
        <Group gap={4} role="group" aria-label="Show only operations that are">
          {operationStates.map((state) => (
            <Counter key={state} state={state} count={counts[state]} chosen={status === state}
              onToggle={() => onStatus(status === state ? undefined : state)} />
          ))}
        </Group>
        {!finished && progress.current_operation && (
          <Text c="dimmed" truncate>
            Now: {progress.current_operation}
          </Text>
        )}
        <ProgressAnnouncer batch={batch} />
      </Stack>
    </Paper>
  );
}
