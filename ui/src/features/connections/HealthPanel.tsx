import { Button, Group, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { healthQuery, type Health } from "@/api/connections";
import { Icon } from "@/components/Icon";
import { Ago } from "@/components/Moments";
import { Failure, Loading } from "@/components/PageState";
import { StatusPill } from "@/components/StatusPill";
import { formatSpan, plural } from "@/model/wording";
import { stepGroups, stepTitle, type StepGroup } from "./health";
import classes from "./Connections.module.css";
import { TroubleBox } from "./TroubleBox";

const goodLook = { word: "Works", tone: "succeeded" } as const;
const badLook = { word: "Fails", tone: "failed" } as const;

function Step({ group }: { group: StepGroup }) {
  const [only] = group.parts;
  const spent = group.parts.reduce((sum, part) => sum + part.duration_ms, 0);
  const failed = group.parts.filter((part) => !part.ok);
  return (
    <li className={classes.step} data-tone={group.ok ? "succeeded" : "failed"}>
      <span className={classes.mark}>
        <Icon name={group.ok ? "check" : "cross"} size={14} label={group.ok ? "Works" : "Fails"} />
      </span>
      <div className={classes.grow}>
        <Group gap={8} justify="space-between">
          <Text fw={600}>{stepTitle(group.step)}</Text>
          <Text size="xs" c="dimmed">
            {formatSpan(spent)}
          </Text>
        </Group>
        {group.parts.length === 1 && only?.ok && only.detail !== "" && (
          <Text c="dimmed">{[only.subject, only.detail].filter(Boolean).join(": ")}</Text>
        )}
        {group.parts.length > 1 && (
          <details className={classes.parts}>
            <summary>
              {group.parts.length - failed.length} of {group.parts.length} work
            </summary>
            <ul>
              {group.parts.map((part, index) => (
                <li key={index}>
                  <span className={part.ok ? undefined : classes.bad}>{part.subject || "the login"}</span>
                  <span>{part.ok ? part.detail : "fails"}</span>
                </li>
              ))}
            </ul>
          </details>
        )}
        {failed.map((part, index) => part.trouble && <TroubleBox key={index} where={part.subject} trouble={part.trouble} />)}
      </div>
    </li>
  );
}

export function HealthPill({ health }: { health: Health | undefined }) {
  if (!health) return <Text c="dimmed">not checked yet</Text>;
  return (
    <Group gap={8}>
      <StatusPill look={health.ok ? goodLook : badLook} />
      {health.failed_step !== null && <Text size="xs">at “{stepTitle(health.failed_step)}”</Text>}
    </Group>
  );
}

/** Every step that work takes through a connection, looked at now. */
export function HealthPanel({ connectionId }: { connectionId: string }) {
  const { data, error, isFetching, refetch } = useQuery({ ...healthQuery(connectionId), enabled: false });
  return (
    <section aria-labelledby="health">
      <Group gap={12} mb={8}>
        <Title order={2} id="health">
          Health
        </Title>
        <HealthPill health={data} />
        {data && (
          <Text size="xs" c="dimmed">
            checked <Ago at={data.at} />
          </Text>
        )}
        <Button variant="default" leftSection={<Icon name="arrows" size={14} />} loading={isFetching} onClick={() => void refetch()}>
          Check now
        </Button>
      </Group>
      {error && <Failure error={error} what="The connection could not be checked" onRetry={() => void refetch()} />}
      {!data && isFetching && <Loading rows={4} label="Checking the connection" />}
      {!data && !isFetching && !error && (
        <Text c="dimmed">A check signs in, lists the accounts and their instances, and looks at the instances&apos; tables. Nothing is changed.</Text>
      )}
      {data && (
        <Stack gap={4}>
          <ol className={classes.steps} aria-label="Steps of the check">
            {stepGroups(data.steps).map((group) => (
              <Step key={group.step} group={group} />
            ))}
          </ol>
          {data.instances_checked < data.instances_total && (
            <Text size="xs" c="dimmed">
              The tables of {data.instances_checked} of {plural(data.instances_total, "instance")} were looked at.
            </Text>
          )}
        </Stack>
      )}
    </section>
  );
}
