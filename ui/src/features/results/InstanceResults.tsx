import { Stack, Table, Text } from "@mantine/core";
import { useState } from "react";
import type { BatchResults } from "@/api/results";
import { Ago } from "@/components/Moments";
import { Pager } from "@/components/Pager";
import { Empty } from "@/components/PageState";
import { Scroll } from "@/components/Scroll";
import { formatCount, formatDuration } from "@/model/wording";
import classes from "./InstanceResults.module.css";

const pageSize = 100;

function Bar({ value, largest }: { value: number; largest: number }) {
  return (
    <span className={classes.track} aria-hidden>
      <span className={classes.bar} style={{ width: `${largest === 0 ? 0 : (value / largest) * 100}%` }} />
    </span>
  );
}

/** What each completed instance contributed. */
export function InstanceResults({ results }: { results: BatchResults }) {
  const [page, setPage] = useState(1);
  const all = results.instance_results;
  if (all.length === 0) return <Empty title="No instance is completed yet">Each appears here when its rows are in.</Empty>;
  const largest = all.reduce((most, item) => Math.max(most, item.row_count ?? 0), 0);
  const shown = all.slice((page - 1) * pageSize, page * pageSize);
  return (
    <Stack gap={8}>
      <Scroll label="Instances, table">
        <Table verticalSpacing={4} horizontalSpacing={8} highlightOnHover aria-label="Results by instance">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Instance</Table.Th>
              <Table.Th visibleFrom="sm">Region</Table.Th>
              <Table.Th ta="right">Rows</Table.Th>
              <Table.Th visibleFrom="sm" w="30%"><span className="ff-sr-only">Share</span></Table.Th>
              <Table.Th ta="right">Duration</Table.Th>
              <Table.Th visibleFrom="sm">Completed</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {shown.map((item) => (
              <Table.Tr key={item.execution_id}>
                <Table.Td>{item.instance_name}</Table.Td>
                <Table.Td visibleFrom="sm">{item.instance_region}</Table.Td>
                <Table.Td ta="right">{item.row_count == null ? "–" : formatCount(item.row_count)}</Table.Td>
                <Table.Td visibleFrom="sm">
                  <Bar value={item.row_count ?? 0} largest={largest} />
                </Table.Td>
                <Table.Td ta="right">{item.duration_seconds == null ? "–" : formatDuration(item.duration_seconds * 1000)}</Table.Td>
                <Table.Td visibleFrom="sm">{item.completed_at == null ? <Text c="dimmed">–</Text> : <Ago at={item.completed_at} />}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Scroll>
      {all.length > pageSize && <Pager page={page} pageSize={pageSize} total={all.length} noun="instances" onChange={setPage} />}
    </Stack>
  );
}
