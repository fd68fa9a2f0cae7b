import { Button, Group, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import { matchingIds, type Instance, type InstanceFilter } from "@/api/instances";
import { toProblem } from "@/api/problem";
import { Notice } from "@/components/Notice";
import { Empty, Failure, Loading } from "@/components/PageState";
import { formatCount, plural } from "@/model/wording";
import { InstanceFilters } from "./InstanceFilters";
import { InstanceList } from "./InstanceList";
import { SelectedPills } from "./SelectedPills";
import { useLookedUpRows, useMatchingRows, type Range } from "./useInstanceRows";

interface MultiInstanceSelectorProps {
  selected: ReadonlySet<string>;
  /** What the server refused, by instance. */
  errors: Readonly<Record<string, string>>;
  onChoose: (ids: readonly string[]) => void;
  onDrop: (ids: readonly string[]) => void;
  onClear: () => void;
}

const noFilter: InstanceFilter = {};
const isFiltered = (filter: InstanceFilter) => Object.values(filter).some((value) => value !== undefined);

/** Choose among thousands of instances: search, filters and "select all" are the server's, pills show the choice. */
export function MultiInstanceSelector({ selected, errors, onChoose, onDrop, onClear }: MultiInstanceSelectorProps) {
  const [filter, setFilter] = useState(noFilter);
  const [onlySelected, showOnlySelected] = useState(false);
  const [range, setRange] = useState<Range>({ first: 0, last: 20 });
  const matching = useMatchingRows(filter, range);
  const chosen = useLookedUpRows(onlySelected ? [...selected] : [], range);
  const rows = onlySelected ? chosen : matching;
  const all = useMutation({ mutationFn: () => matchingIds(filter), onSuccess: onChoose });
  const toggle = useCallback(
    ({ id }: Instance) => (selected.has(id) ? onDrop([id]) : onChoose([id])),
    [selected, onChoose, onDrop],
  );
  const changeFilter = (next: InstanceFilter) => {
    setFilter(next);
    showOnlySelected(false);
  };

  return (
    <Stack gap={8}>
      <InstanceFilters filter={filter} facets={matching.facets} onChange={changeFilter} />
      <Group gap={8} justify="space-between">
        <Group gap={8}>
          <Button variant="default" loading={all.isPending} disabled={matching.total === 0} onClick={() => all.mutate()}>
            Select all {formatCount(matching.total)}{isFiltered(filter) ? " matching" : ""}
          </Button>
          <Button variant="default" disabled={selected.size === 0} onClick={() => {
            onClear();
            showOnlySelected(false);
          }}>
            Clear selection
          </Button>
          <Button variant={onlySelected ? "filled" : "default"} aria-pressed={onlySelected} disabled={selected.size === 0 && !onlySelected}
            onClick={() => showOnlySelected(!onlySelected)}>
            Show selected
          </Button>
        </Group>
        <Text role="status" fw={600}>
          {plural(selected.size, "instance")} selected
        </Text>
      </Group>
      {selected.size > 0 && (
        <SelectedPills selected={selected} onRemove={(id) => onDrop([id])} onShowAll={() => showOnlySelected(true)} />
      )}
      {all.error && (
        <Notice tone="failed" urgent>
          {toProblem(all.error).message}
        </Notice>
      )}
      {rows.error && <Failure error={rows.error} what="The instances could not be loaded" onRetry={rows.retry} />}
      {rows.loading && <Loading rows={7} label="Loading the instances" />}
      {!rows.loading && !rows.error && rows.total === 0 && <NoInstance filtered={isFiltered(filter)} onClear={() => changeFilter(noFilter)} />}
      {rows.total > 0 && (
        <div style={{ opacity: rows.stale ? 0.6 : 1 }}>
          <InstanceList key={onlySelected ? "selected" : JSON.stringify(filter)} label={onlySelected ? "Selected instances" : "Instances"}
            total={rows.total} at={rows.at} selected={selected} errors={errors} onToggle={toggle} onRange={setRange} />
        </div>
      )}
    </Stack>
  );
}

function NoInstance({ filtered, onClear }: { filtered: boolean; onClear: () => void }) {
  if (!filtered) return <Empty title="No instance yet">Add your AMC instances first; the demo brings twelve.</Empty>;
  return (
    <Empty title="No instance matches" action={<Button variant="default" onClick={onClear}>Clear filters</Button>}>
      Nothing fits the search and filters above.
    </Empty>
  );
}
