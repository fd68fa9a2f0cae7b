import { ActionIcon, Button, Group, Popover, Stack } from "@mantine/core";
import { useState, type ReactNode } from "react";
import { Icon } from "../Icon";
import classes from "./DataGrid.module.css";
import type { GridTable } from "./DataGrid";
import { headerHeight, type GridColumn } from "./gridModel";

interface GridHeaderProps {
  table: GridTable;
  columns: GridColumn[];
  template: string;
  width: number;
  sort: string | undefined;
  onSort: (sort: string | undefined) => void;
  filtered: readonly string[];
  columnMenu: (column: GridColumn, close: () => void) => ReactNode;
}

type HeaderCellProps = Omit<GridHeaderProps, "columns" | "template" | "width"> & { column: GridColumn; index: number };

/** Unsorted → ascending → descending → unsorted. */
const nextSort = (column: string, sort: string | undefined) => {
  if (sort === column) return `-${column}`;
  return sort === `-${column}` ? undefined : column;
};

function HeaderCell({ table, column, index, sort, onSort, filtered, columnMenu }: HeaderCellProps) {
  const [opened, setOpened] = useState(false);
  const { name, type } = column;
  const direction = sort === name ? "ascending" : sort === `-${name}` ? "descending" : undefined;
  const isFiltered = filtered.includes(name);
  const leaf = table.getColumn(name);
  const header = table.getFlatHeaders().find((candidate) => candidate.column.id === name);
  const widen = (by: number) => table.setColumnSizing((old) => ({ ...old, [name]: Math.max(60, (leaf?.getSize() ?? 120) + by) }));
  return (
    <div role="columnheader" aria-colindex={index + 2} aria-sort={direction ?? "none"} className={classes.headerCell} data-type={type}>
      <button type="button" className={classes.sort} title={`Sort by ${name}`} onClick={() => onSort(nextSort(name, sort))}>
        <span className={classes.name}>{name}</span>
        {direction && <Icon name={direction === "ascending" ? "sortUp" : "sortDown"} size={12} />}
      </button>
      <Popover opened={opened} onChange={setOpened} position="bottom-end" withinPortal trapFocus returnFocus width={260}>
        <Popover.Target>
          <ActionIcon size={24} variant={isFiltered ? "filled" : "subtle"} color={isFiltered ? "blue" : "gray"}
            aria-label={isFiltered ? `${name}: filtered, options` : `${name}: filter and options`} onClick={() => setOpened(!opened)}>
            <Icon name="filter" size={13} />
          </ActionIcon>
        </Popover.Target>
        <Popover.Dropdown aria-label={`Options of ${name}`}>
          <Stack gap={8}>
            {columnMenu(column, () => setOpened(false))}
            <Group gap={4} grow>
              <Button variant="default" onClick={() => widen(-40)}>Narrower</Button>
              <Button variant="default" onClick={() => widen(40)}>Wider</Button>
            </Group>
          </Stack>
        </Popover.Dropdown>
      </Popover>
      <span className={classes.resizer} aria-hidden onMouseDown={header?.getResizeHandler()} onTouchStart={header?.getResizeHandler()} />
    </div>
  );
}

export function GridHeader({ columns, template, width, ...cell }: GridHeaderProps) {
  return (
    <div role="rowgroup" className={classes.head}>
      <div role="row" aria-rowindex={1} className={classes.headRow} style={{ gridTemplateColumns: template, width, height: headerHeight }}>
        <div role="columnheader" aria-colindex={1} className={classes.gutter}>
          Row
        </div>
        {columns.map((column, index) => (
          <HeaderCell key={column.name} column={column} index={index} {...cell} />
        ))}
      </div>
    </div>
  );
}
