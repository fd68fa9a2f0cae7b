import { Button, Checkbox, Group, NumberInput, Pill, Popover, Stack, Text } from "@mantine/core";
import { useRef, useState } from "react";
import type { BatchResults } from "@/api/results";
import { DataGrid, type GridHandle } from "@/components/grid/DataGrid";
import type { GridColumn, GridRow } from "@/components/grid/gridModel";
import { Icon } from "@/components/Icon";
import { Empty } from "@/components/PageState";
import type { RowRange } from "@/model/scaledScroll";
import type { ColumnFilter, ResultSearch } from "@/model/search";
import { formatCount, plural } from "@/model/wording";
import { FilterForm } from "./FilterForm";
import { describeFilter } from "./filterWords";
import classes from "./ResultTable.module.css";

interface ColumnChooserProps {
  columns: GridColumn[];
  hidden: readonly string[];
  onChange: (hidden: string[]) => void;
}

function ColumnChooser({ columns, hidden, onChange }: ColumnChooserProps) {
  const toggle = (name: string) => onChange(hidden.includes(name) ? hidden.filter((other) => other !== name) : [...hidden, name]);
  return (
    <Popover position="bottom-end" trapFocus returnFocus>
      <Popover.Target>
        <Button variant="default" leftSection={<Icon name="columns" size={14} />}>
          Columns{hidden.length > 0 && ` (${hidden.length} hidden)`}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Columns" mah={360} style={{ overflow: "auto" }}>
        <Stack gap={6}>
          {columns.map(({ name }) => (
            <Checkbox key={name} size="xs" label={name} checked={!hidden.includes(name)}
              disabled={!hidden.includes(name) && hidden.length === columns.length - 1} onChange={() => toggle(name)} />
          ))}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

function GoToRow({ total, onGo }: { total: number; onGo: (row: number) => void }) {
  const [row, setRow] = useState<string | number>("");
  return (
    <form onSubmit={(event) => {
      event.preventDefault();
      if (typeof row === "number") onGo(Math.min(total, Math.max(1, row)) - 1);
    }}>
      <Group gap={4}>
        <NumberInput size="xs" w={110} aria-label="Row number" placeholder="Row number" min={1} max={total} allowDecimal={false} hideControls
          thousandSeparator="," value={row} onChange={setRow} />
        <Button type="submit" variant="default">
          Go
        </Button>
      </Group>
    </form>
  );
}

interface ResultTableProps {
  results: BatchResults;
  at: (row: number) => GridRow | undefined;
  stale: boolean;
  search: ResultSearch;
  onChange: (search: ResultSearch) => void;
  onRange: (range: RowRange) => void;
}

export function ResultTable({ results, at, stale, search, onChange, onRange }: ResultTableProps) {
  const grid = useRef<GridHandle>(null);
  const { columns, total_rows: total } = results.aggregated_data;
  const filter = search.filter ?? [];
  const hidden = search.hide ?? [];
  const setFilter = (column: string, next: ColumnFilter | undefined) => {
    const rest = filter.filter((other) => other.column !== column);
    onChange({ filter: next === undefined ? rest : [...rest, next] });
  };
  if (total === 0 && filter.length === 0) {
    return <Empty title="No rows yet">Rows appear as soon as the first operation is completed.</Empty>;
  }
  return (
    <Stack gap={8} className={classes.table}>
      <Group gap={8} justify="space-between">
        <Group gap={4}>
          <Text role="status" fw={600}>
            {plural(total, "row")}
          </Text>
          {filter.map((item) => (
            <Pill key={item.column} withRemoveButton onRemove={() => setFilter(item.column, undefined)}
              removeButtonProps={{ "aria-label": `Remove the filter: ${describeFilter(item)}`, tabIndex: 0, "aria-hidden": false }}>
              {describeFilter(item)}
            </Pill>
          ))}
        </Group>
        <Group gap={8}>
          <GoToRow total={total} onGo={(row) => grid.current?.goTo(row)} />
          <ColumnChooser columns={columns} hidden={hidden} onChange={(hide) => onChange({ hide: hide.length > 0 ? hide : undefined })} />
        </Group>
      </Group>
      {total === 0 ? (
        <Empty title="No row matches" action={<Button variant="default" onClick={() => onChange({ filter: undefined })}>Clear filters</Button>}>
          Nothing fits {filter.map(describeFilter).join(" and ")}.
        </Empty>
      ) : (
        <div className={classes.frame} style={{ opacity: stale ? 0.6 : 1 }}>
          <DataGrid key={JSON.stringify([filter, search.sort])} handle={grid} label={`Results, ${formatCount(total)} rows`} columns={columns} hidden={hidden} total={total}
            at={at} onRange={onRange} sort={search.sort} onSort={(sort) => onChange({ sort })} filtered={filter.map(({ column }) => column)}
            columnMenu={(column, close) => (
              <FilterForm column={column} current={filter.find((item) => item.column === column.name)}
                onApply={(next) => {
                  close();
                  setFilter(column.name, next);
                }} />
            )} />
        </div>
      )}
    </Stack>
  );
}
