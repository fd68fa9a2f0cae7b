import { columnResizingFeature, columnSizingFeature, columnVisibilityFeature, tableFeatures, useTable } from "@tanstack/react-table";
import { useEffect, useId, useImperativeHandle, useMemo, useState, type ClipboardEvent, type KeyboardEvent, type ReactNode, type Ref } from "react";
import type { RowRange } from "@/model/scaledScroll";
import classes from "./DataGrid.module.css";
import { cellAfterKey, cellText, gutterWidth, headerHeight, rowHeight, type Cell, type GridColumn, type GridRow } from "./gridModel";
import { GridHeader } from "./GridHeader";
import { GridRowView } from "./GridRowView";
import { useScaledRows } from "./useScaledRows";

const features = tableFeatures({ columnVisibilityFeature, columnSizingFeature, columnResizingFeature });
const noRows: GridRow[] = [];
const widths: Record<GridColumn["type"], number> = { string: 200, number: 130, boolean: 90, date: 120, timestamp: 190 };

export interface GridHandle {
  /** 0-based. */
  goTo: (row: number) => void;
}

interface DataGridProps {
  label: string;
  columns: GridColumn[];
  hidden: readonly string[];
  total: number;
  /** The row, or nothing while it is read. */
  at: (row: number) => GridRow | undefined;
  onRange: (range: RowRange) => void;
  sort: string | undefined;
  onSort: (sort: string | undefined) => void;
  filtered: readonly string[];
  /** What the menu of a column holds besides sorting and width. */
  columnMenu: (column: GridColumn, close: () => void) => ReactNode;
  handle?: Ref<GridHandle>;
}

/** A table of any number of rows: the caller brings the rows in view, the server sorts and filters. */
export function DataGrid({ label, columns, hidden, total, at, onRange, sort, onSort, filtered, columnMenu, handle }: DataGridProps) {
  const id = useId();
  const [active, setActive] = useState<Cell>({ row: 0, column: 0 });
  const definitions = useMemo(
    () => columns.map(({ name, type }) => ({ id: name, accessorFn: (row: GridRow) => row[name], size: widths[type], minSize: 60 })),
    [columns],
  );
  const table = useTable({
    features,
    columns: definitions,
    data: noRows,
    columnResizeMode: "onChange",
    state: { columnVisibility: Object.fromEntries(hidden.map((name) => [name, false])) },
  });
  const leaves = table.getVisibleLeafColumns();
  const shown = useMemo(() => columns.filter(({ name }) => !hidden.includes(name)), [columns, hidden]);
  const template = [gutterWidth, ...leaves.map((leaf) => leaf.getSize())].map((size) => `${size}px`).join(" ");
  const width = leaves.reduce((sum, leaf) => sum + leaf.getSize(), gutterWidth);
  const { scroller, onScroll, bodyHeight, range, offsetOf, reveal, goTo, revealAcross } = useScaledRows(total, rowHeight, headerHeight);
  const { first, last } = range;
  useEffect(() => onRange({ first, last }), [onRange, first, last]);
  useImperativeHandle(handle, () => ({
    goTo: (row) => {
      setActive((cell) => ({ ...cell, row }));
      goTo(row);
      scroller.current?.focus({ preventScroll: true });
    },
  }));

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return;
    const page = Math.max(1, last - first - 8);
    const next = cellAfterKey(active, event.key, event.ctrlKey || event.metaKey, { rows: total, columns: shown.length, page });
    if (next === undefined) return;
    event.preventDefault();
    setActive(next);
    reveal(next.row);
    const leaf = leaves[next.column];
    if (leaf) revealAcross(leaf.getStart(), gutterWidth + leaf.getSize());
  };
  const onCopy = (event: ClipboardEvent) => {
    const name = shown[active.column]?.name;
    if (name === undefined || window.getSelection()?.isCollapsed === false) return;
    event.clipboardData.setData("text/plain", cellText(at(active.row)?.[name]));
    event.preventDefault();
  };

  const rows = Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
  return (
    <div ref={scroller} className={classes.grid} role="grid" aria-label={label} aria-rowcount={total + 1} aria-colcount={shown.length + 1} tabIndex={0}
      aria-activedescendant={total > 0 ? `${id}-${active.row}-${active.column}` : undefined} onScroll={onScroll} onKeyDown={onKeyDown} onCopy={onCopy}>
      <GridHeader table={table} columns={shown} template={template} width={width} sort={sort} onSort={onSort} filtered={filtered} columnMenu={columnMenu} />
      <div role="rowgroup" style={{ height: bodyHeight, width, position: "relative" }}>
        {rows.map((row) => (
          <GridRowView key={row} id={`${id}-${row}`} index={row} row={at(row)} columns={shown} template={template} width={width}
            top={offsetOf(row)} activeColumn={row === active.row ? active.column : undefined} onActivate={setActive} />
        ))}
      </div>
    </div>
  );
}

export type GridTable = ReturnType<typeof useTable<typeof features, GridRow>>;
