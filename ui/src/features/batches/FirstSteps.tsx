import { Anchor, Group, List, Text } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { Link } from "@tanstack/react-router";
import type { JobList } from "@/api/batches";
import { Notice } from "@/components/Notice";
import { batchLook, isFinished } from "@/model/status";
import { plural } from "@/model/wording";

/** A newcomer's first line: what they are looking at, and what to try next. Gone once there is a history. */
export function FirstSteps({ batches }: { batches: JobList }) {
  const [closed, close] = useLocalStorage({ key: "fanfold-first-steps-closed", defaultValue: false });
  const newest = batches.items[0];
  if (closed || newest === undefined || batches.total > 5) return null;
  const to = (text: string) => (
    <Anchor inherit underline="always" renderRoot={(props) => <Link to="/batches/$batchId" params={{ batchId: newest.job_id }} {...props} />}>
      {text}
    </Anchor>
  );
  return (
    <Notice tone="running" icon="batches" title="A batch runs one workflow on many AMC instances at once" onClose={() => close(true)}>
      <Group gap={4}>
        <Text>
          The newest is {to(newest.name || newest.job_id)}: {plural(newest.total_operations, "instance")},{" "}
          {batchLook(newest.status).word.toLowerCase()}. {newest.description}
        </Text>
      </Group>
      <List size="sm" mt={4}>
        <List.Item>
          {isFinished(newest.status) ? <>Open {to("the batch")} and read its results as one table.</> : <>Watch {to("the batch")} live.</>}
        </List.Item>
        <List.Item>
          Then run{" "}
          <Anchor inherit underline="always" renderRoot={(props) => <Link to="/workflows" {...props} />}>
            a workflow
          </Anchor>{" "}
          yourself: choose instances, set the time window, override a parameter for one of them.
        </List.Item>
      </List>
    </Notice>
  );
}
