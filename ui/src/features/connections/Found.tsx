import { Button, Group, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { bringIn, type Discovery, type DiscoveryWish } from "@/api/connections";
import { toProblem } from "@/api/problem";
import { Notice } from "@/components/Notice";
import { Empty } from "@/components/PageState";
import { SearchField } from "@/components/SearchField";
import { formatCount, plural } from "@/model/wording";
import { AccountList } from "./AccountList";
import classes from "./Connections.module.css";
import { ImportOutcome } from "./ImportOutcome";
import { isImportable, narrowed, standingLooks, standings, type SightingFilter } from "./sightings";
import { SightingTable } from "./SightingTable";
import { TroubleBox } from "./TroubleBox";

interface FoundProps {
  connectionId: string;
  wish: DiscoveryWish;
  discovery: Discovery;
  /** False while the list still shows the wish before. */
  settled: boolean;
}

function Standings({ discovery, filter, onChange }: { discovery: Discovery; filter: SightingFilter; onChange: (filter: SightingFilter) => void }) {
  return (
    <div className={classes.chips} role="group" aria-label="Standing">
      <button type="button" className={classes.chip} aria-pressed={filter.standing === undefined} onClick={() => onChange({ ...filter, standing: undefined })}>
        All {formatCount(discovery.instances.length)}
      </button>
      {standings
        .filter((standing) => (discovery.counts[standing] ?? 0) > 0)
        .map((standing) => (
          <button key={standing} type="button" className={classes.chip} aria-pressed={filter.standing === standing} onClick={() => onChange({ ...filter, standing })}>
            {standingLooks[standing].word} {formatCount(discovery.counts[standing] ?? 0)}
          </button>
        ))}
    </div>
  );
}

function useImport({ connectionId, wish }: FoundProps, onDone: () => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (ids: readonly string[]) => bringIn(connectionId, wish, ids),
    onSuccess: () => {
      onDone();
      void queries.invalidateQueries({ queryKey: ["instances"] });
      void queries.invalidateQueries({ queryKey: ["connections", "discovery"] });
    },
  });
}

/** What was found: accounts, instances, and the choice of those to bring in. */
export function Found(props: FoundProps) {
  const { discovery, settled } = props;
  const [filter, setFilter] = useState<SightingFilter>({ q: "" });
  const [selected, select] = useState<ReadonlySet<string>>(new Set());
  const importing = useImport(props, () => select(new Set()));
  const matching = narrowed(discovery.instances, filter);
  const importable = matching.filter(isImportable).map((sighting) => sighting.instance_id);
  const chosen = discovery.instances.filter((sighting) => isImportable(sighting) && selected.has(sighting.instance_id)).map((sighting) => sighting.instance_id);
  const toggle = (id: string) => select((old) => (old.has(id) ? new Set([...old].filter((other) => other !== id)) : new Set([...old, id])));
  const isFiltered = filter.q !== "" || filter.standing !== undefined;

  if (discovery.trouble) return <TroubleBox trouble={discovery.trouble} where="Nothing could be asked" />;
  return (
    <Stack gap={12}>
      {!discovery.complete && <Notice tone="partial" icon="half">Not every account answered; what they have is missing below, and nothing of theirs is taken away.</Notice>}
      <AccountList accounts={discovery.accounts} />
      {importing.error && <Notice tone="failed" urgent title="Nothing was imported">{toProblem(importing.error).message}</Notice>}
      {importing.data && <ImportOutcome imported={importing.data.instances} onClose={importing.reset} />}
      <Group gap={8}>
        <SearchField label="Search instances" placeholder="Name, id, account, tag …" value={filter.q} onChange={(q) => setFilter({ ...filter, q })} />
        <Standings discovery={discovery} filter={filter} onChange={setFilter} />
      </Group>
      <Group gap={8}>
        <Button variant="default" disabled={importable.length === 0} onClick={() => select(new Set([...selected, ...importable]))}>
          Select all {formatCount(importable.length)}{isFiltered ? " matching" : ""}
        </Button>
        <Button variant="default" disabled={chosen.length === 0} onClick={() => select(new Set())}>Clear selection</Button>
        <Button disabled={chosen.length === 0 || !settled} loading={importing.isPending} onClick={() => importing.mutate(chosen)}>
          Import {plural(chosen.length, "instance")}
        </Button>
        {importable.length === 0 && <Text c="dimmed">Nothing here is new or changed.</Text>}
      </Group>
      {matching.length === 0 ? (
        <Empty title={discovery.instances.length === 0 ? "No instance was found" : "No instance matches"}
          action={isFiltered && <Button variant="default" onClick={() => setFilter({ q: "" })}>Clear filters</Button>}>
          {isFiltered ? "Nothing fits the search and standing above." : "This login reaches no instance. If one is missing, name its account above."}
        </Empty>
      ) : (
        <SightingTable key={JSON.stringify(filter)} sightings={matching} selected={selected} onToggle={toggle} />
      )}
    </Stack>
  );
}
