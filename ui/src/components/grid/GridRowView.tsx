import { memo } from "react";
import { formatCount } from "@/model/wording";
import classes from "./DataGrid.module.css";
import { cellText, rowHeight, type Cell, type GridColumn, type GridRow } from "./gridModel";

interface GridRowViewProps {
  id: string;
  index: number;
  row: GridRow | undefined;
  columns: GridColumn[];
  template: string;
  width: number;
  top: number;
  activeColumn: number | undefined;
  onActivate: (cell: Cell) => void;
}

function Value({ value, waiting }: { value: unknown; waiting: boolean }) {
  if (waiting) return <span className={classes.waiting} />;
  if (value === null || value === undefined) return <span className={classes.null}>null</span>;
  return cellText(value);
}

export const GridRowView = memo(function GridRowView(props: GridRowViewProps) {
  const { id, index, row, columns, template, width, top, activeColumn, onActivate } = props;
  return (
    <div role="row" aria-rowindex={index + 2} className={classes.row} data-odd={index % 2 === 1 || undefined}
      style={{ gridTemplateColumns: template, width, height: rowHeight, transform: `translateY(${top}px)` }}>
      <div role="rowheader" aria-colindex={1} className={classes.gutter}>
        {formatCount(index + 1)}
      </div>
      {columns.map(({ name, type }, column) => (
        <div key={name} id={`${id}-${column}`} role="gridcell" aria-colindex={column + 2} className={classes.cell} data-type={type}
          data-active={column === activeColumn || undefined} title={cellText(row?.[name])} onMouseDown={() => onActivate({ row: index, column })}>
          <Value value={row?.[name]} waiting={row === undefined} />
        </div>
      ))}
    </div>
  );
});
