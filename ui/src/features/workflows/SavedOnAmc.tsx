import { Anchor, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { savedStatesQuery, type SavedOn } from "@/api/checks";
import { Ago } from "@/components/Moments";
import { Failure, Loading } from "@/components/PageState";
import { Scroll } from "@/components/Scroll";
import { StatusPill } from "@/components/StatusPill";
import type { Look } from "@/model/status";
import classes from "./Findings.module.css";

const looks: Record<SavedOn["state"], Look> = {
  in_step: { word: "In step", tone: "succeeded" },
  behind: { word: "Behind", tone: "paused" },
  differs: { word: "Differs", tone: "partial" },
  missing: { word: "Not there", tone: "skipped" },
  at_work: { word: "At work", tone: "running" },
  unreachable: { word: "Not reached", tone: "failed" },
};

function SavedRow({ saved }: { saved: SavedOn }) {
  return (
    <Table.Tr>
      <Table.Td>
        {saved.name}
        {saved.error && <Text size="xs" c="dimmed">{saved.error}</Text>}
        {saved.difference && (
          <details>
            <summary style={{ cursor: "pointer" }}>What differs</summary>
            <pre className={classes.diff} tabIndex={0} role="region" aria-label={`What differs on ${saved.name}`}>
              {saved.difference}
            </pre>
          </details>
        )}
      </Table.Td>
      <Table.Td>
        <StatusPill look={looks[saved.state]} />
      </Table.Td>
      <Table.Td ta="right">{saved.version ?? "–"}</Table.Td>
      <Table.Td>
        <Anchor renderRoot={(props) => <Link to="/batches/$batchId" params={{ batchId: saved.job_id }} {...props} />}>
          {saved.at === null ? "the batch" : <Ago at={saved.at} />}
        </Anchor>
      </Table.Td>
    </Table.Tr>
  );
}

/** Where the workflow is saved on AMC, and whether what is there is what is here. */
export function SavedOnAmc({ workflowId }: { workflowId: string }) {
  const { data, error, refetch } = useQuery({
    ...savedStatesQuery(workflowId),
    refetchInterval: (query) => (query.state.data?.instances.some(({ state }) => state === "at_work") ? 2_000 : false),
  });
  return (
    <section aria-labelledby="saved">
      <Title order={3} id="saved" mb={4}>
        Saved on AMC
      </Title>
      {error && <Failure error={error} what="Where it is saved could not be loaded" onRetry={() => void refetch()} />}
      {!data && !error && <Loading rows={2} label="Loading where it is saved" />}
      {data?.instances.length === 0 && <Text c="dimmed">Nowhere yet. It runs without: its text goes with every execution.</Text>}
      {data && data.instances.length > 0 && (
        <Scroll label="Saved on AMC, table">
          <Text c="dimmed" mb={4}>
            As <span className="ff-mono">{data.saved_id}</span>; the newest version is {data.version}.
          </Text>
          <Table verticalSpacing={4} horizontalSpacing={8} aria-label="Saved on AMC">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Instance</Table.Th>
                <Table.Th>State</Table.Th>
                <Table.Th ta="right">Version</Table.Th>
                <Table.Th>Looked at</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {data.instances.map((saved) => (
                <SavedRow key={saved.instance_id ?? saved.name} saved={saved} />
              ))}
            </Table.Tbody>
          </Table>
        </Scroll>
      )}
    </section>
  );
}
