import { Checkbox, Table, Text } from "@mantine/core";
import { useState } from "react";
import type { Sighting } from "@/api/connections";
import { Pager } from "@/components/Pager";
import { Scroll } from "@/components/Scroll";
import { StatusPill } from "@/components/StatusPill";
import classes from "./Connections.module.css";
import { changesOf, isImportable, standingLooks, tagged } from "./sightings";

const pageSize = 50;

interface SightingTableProps {
  sightings: readonly Sighting[];
  selected: ReadonlySet<string>;
  onToggle: (instanceId: string) => void;
}

interface SightingRowProps {
  sighting: Sighting;
  chosen: boolean;
  withBrands: boolean;
  onToggle: () => void;
}

function SightingRow({ sighting, chosen, withBrands, onToggle }: SightingRowProps) {
  const look = standingLooks[sighting.standing];
  const changes = changesOf(sighting);
  return (
    <Table.Tr>
      <Table.Td>
        <Checkbox size="xs" aria-label={`Import ${sighting.name}`} checked={chosen} disabled={!isImportable(sighting)} onChange={onToggle} />
      </Table.Td>
      <Table.Td>
        <Text fw={600}>{sighting.name}</Text>
        <Text size="xs" c="dimmed">
          <span className="ff-mono">{sighting.instance_id}</span>, {sighting.region}
        </Text>
      </Table.Td>
      <Table.Td visibleFrom="sm">
        {sighting.account_name}
        <Text size="xs" c="dimmed">
          {tagged(sighting, "marketplace").join(", ").toUpperCase() || sighting.marketplace_id}
        </Text>
      </Table.Td>
      <Table.Td visibleFrom="md">{sighting.sandbox ? "sandbox" : tagged(sighting, "type").join(", ") || "standard"}</Table.Td>
      {withBrands && <Table.Td visibleFrom="md">{tagged(sighting, "brand").join(", ") || "–"}</Table.Td>}
      <Table.Td visibleFrom="md">{tagged(sighting, "advertiser").join(", ") || "–"}</Table.Td>
      <Table.Td maw={340}>
        <StatusPill look={look} />
        {changes.length > 0 ? (
          <ul className={classes.changes} aria-label={`What changes of ${sighting.name}`}>
            {changes.map((change) => (
              <li key={change}>{change}</li>
            ))}
          </ul>
        ) : (
          <Text size="xs" c="dimmed">{look.means}</Text>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

export function SightingTable({ sightings, selected, onToggle }: SightingTableProps) {
  const [page, setPage] = useState(1);
  const withBrands = sightings.some((sighting) => tagged(sighting, "brand").length > 0);
  const shown = sightings.slice((page - 1) * pageSize, page * pageSize);
  return (
    <>
      <Scroll label="Discovered instances, table">
        <Table verticalSpacing={6} horizontalSpacing={8} highlightOnHover aria-label="Discovered instances">
          <Table.Thead>
            <Table.Tr>
              <Table.Th w={32}><span className="ff-sr-only">Import</span></Table.Th>
              <Table.Th>Instance</Table.Th>
              <Table.Th visibleFrom="sm">Account</Table.Th>
              <Table.Th visibleFrom="md">Type</Table.Th>
              {withBrands && <Table.Th visibleFrom="md">Brand</Table.Th>}
              <Table.Th visibleFrom="md">Advertisers</Table.Th>
              <Table.Th>Standing</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {shown.map((sighting) => (
              <SightingRow key={sighting.instance_id} sighting={sighting} chosen={selected.has(sighting.instance_id)} withBrands={withBrands}
                onToggle={() => onToggle(sighting.instance_id)} />
            ))}
          </Table.Tbody>
        </Table>
      </Scroll>
      <Pager page={page} pageSize={pageSize} total={sightings.length} noun="instances" onChange={setPage} />
    </>
  );
}
