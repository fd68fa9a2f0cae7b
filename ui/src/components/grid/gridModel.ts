/** What a grid is told, and how its keyboard moves. */

export type CellType = "string" | "number" | "boolean" | "date" | "timestamp";

export interface GridColumn {
  name: string;
  type: CellType;
}

export type GridRow = Readonly<Record<string, unknown>>;

export interface Cell {
  row: number;
  column: number;
}

export const rowHeight = 28;
export const headerHeight = 36;
/** Room for "1,000,000". */
export const gutterWidth = 82;

const clamp = (value: number, max: number) => Math.min(Math.max(0, value), Math.max(0, max));

/** Where a key leads from `cell`; nothing when the key is none of the grid's. */
export function cellAfterKey(cell: Cell, key: string, control: boolean, size: { rows: number; columns: number; page: number }): Cell | undefined {
  const lastRow = size.rows - 1;
  const lastColumn = size.columns - 1;
  const to = (row: number, column: number): Cell => ({ row: clamp(row, lastRow), column: clamp(column, lastColumn) });
  switch (key) {
    case "ArrowDown":
      return to(cell.row + 1, cell.column);
    case "ArrowUp":
      return to(cell.row - 1, cell.column);
    case "ArrowRight":
      return to(cell.row, cell.column + 1);
    case "ArrowLeft":
      return to(cell.row, cell.column - 1);
    case "PageDown":
      return to(cell.row + size.page, cell.column);
    case "PageUp":
      return to(cell.row - size.page, cell.column);
    case "Home":
      return to(control ? 0 : cell.row, 0);
    case "End":
      return to(control ? lastRow : cell.row, lastColumn);
    default:
      return undefined;
  }
}

/** A value as the grid and the clipboard show it; null is told from an empty text by the grid itself. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
