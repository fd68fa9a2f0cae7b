import { Group, Paper, Stack, Text, Title } from "@mantine/core";
import type { Attempt } from "@/api/batches";
import { Elapsed } from "@/components/Moments";
import { StatusPill } from "@/components/StatusPill";
import { attemptLook } from "@/model/status";
import { formatMoment } from "@/model/wording";
import { CallList } from "./CallList";

function AttemptItem({ attempt }: { attempt: Attempt }) {
  return (
    <Paper component="li" withBorder p={8}>
      <Group gap={8}>
        <Text fw={600}>Attempt {attempt.number}</Text>
        <StatusPill look={attemptLook(attempt.state)} />
        <Text c="dimmed" size="xs">
          {formatMoment(attempt.started_at)}, <Elapsed from={attempt.started_at} to={attempt.finished_at} />
        </Text>
      </Group>
      <Text c="dimmed" size="xs">
        {attempt.worker && `Worker ${attempt.worker}`}
        {attempt.remote_ref && (
          <>
            {attempt.worker && ", "}AMC execution <span className="ff-mono">{attempt.remote_ref}</span>
          </>
        )}
      </Text>
      {attempt.error && <Text size="xs">{attempt.error.message}</Text>}
      <CallList calls={attempt.calls} />
    </Paper>
  );
}

export function AttemptList({ attempts }: { attempts: Attempt[] }) {
  return (
    <section aria-labelledby="attempts">
      <Title order={3} id="attempts" mb={4}>
        Attempts
      </Title>
      {attempts.length === 0 && <Text c="dimmed">None yet.</Text>}
      <Stack component="ol" gap={4} m={0} p={0} style={{ listStyle: "none" }}>
        {[...attempts].reverse().map((attempt) => (
          <AttemptItem key={attempt.number} attempt={attempt} />
        ))}
      </Stack>
    </section>
  );
}
