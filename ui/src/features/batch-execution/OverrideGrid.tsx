import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef, type CSSProperties } from "react";
import type { Parameter } from "@/api/workflows";
import type { Draft } from "./draft";
import classes from "./OverrideGrid.module.css";
import { OverrideRow } from "./OverrideRow";
import type { OverrideActions } from "./OverridesStep";
import { useLookedUpRows } from "./selector/useInstanceRows";

const rowHeight = 36;

interface OverrideGridProps extends OverrideActions {
  ids: readonly string[];
  columns: Parameter[];
  draft: Draft;
  errors: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** Instances × parameters; only the rows in view are in the document. */
export function OverrideGrid({ ids, columns, draft, errors, onChange, onReset }: OverrideGridProps) {
  const box = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: ids.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan: 6,
    initialRect: { width: 800, height: 10 * rowHeight },
  });
  const items = virtual.getVirtualItems();
  const rows = useLookedUpRows(ids, { first: items[0]?.index ?? 0, last: items.at(-1)?.index ?? 0 });
  const template: CSSProperties = { gridTemplateColumns: `minmax(160px, 1.4fr) repeat(${columns.length}, minmax(130px, 1fr)) 36px` };
  return (
    <div ref={box} className={classes.box} role="table" aria-label="Overrides by instance" aria-rowcount={ids.length + 1}>
      <div className={classes.head} role="row" aria-rowindex={1} style={template}>
        <span role="columnheader">Instance</span>
        {columns.map(({ name, data_type: dataType }) => (
          <span key={name} role="columnheader" title={dataType} className="ff-mono">
            {name}
          </span>
        ))}
        <span role="columnheader">
          <span className="ff-sr-only">Reset</span>
        </span>
      </div>
      <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: "relative" }}>
        {items.map(({ index, start }) => {
          const id = ids[index] ?? "";
          return (
            <OverrideRow key={id} id={id} name={rows.at(index)?.name ?? "…"} rowIndex={index + 2} columns={columns}
              shared={draft.values} texts={draft.overrides[id]} errors={errors[id]}
              style={{ ...template, transform: `translateY(${start}px)`, height: rowHeight }} onChange={onChange} onReset={onReset} />
          );
        })}
      </div>
    </div>
  );
}
