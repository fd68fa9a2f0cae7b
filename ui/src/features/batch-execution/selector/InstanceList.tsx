import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useId, useRef, useState, type KeyboardEvent } from "react";
import type { Instance } from "@/api/instances";
import classes from "./InstanceList.module.css";
import { InstanceOption } from "./InstanceOption";
import { optionHeight } from "./optionHeight";
import type { Range } from "./useInstanceRows";


const pageStep = 7;

interface InstanceListProps {
  label: string;
  total: number;
  at: (index: number) => Instance | undefined;
  selected: ReadonlySet<string>;
  errors: Readonly<Record<string, string>>;
  onToggle: (instance: Instance) => void;
  onRange: (range: Range) => void;
}

const moves: Partial<Record<string, (index: number, last: number) => number>> = {
  ArrowDown: (index, last) => Math.min(last, index + 1),
  ArrowUp: (index) => Math.max(0, index - 1),
  PageDown: (index, last) => Math.min(last, index + pageStep),
  PageUp: (index) => Math.max(0, index - pageStep),
  Home: () => 0,
  End: (_index, last) => last,
};

/** A listbox of any length: only what is in view is in the document, one tab stop, arrows move. */
export function InstanceList({ label, total, at, selected, errors, onToggle, onRange }: InstanceListProps) {
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(0);
  const virtual = useVirtualizer({
    count: total,
    getScrollElement: () => box.current,
    estimateSize: () => optionHeight,
    overscan: 6,
    initialRect: { width: 600, height: 7 * optionHeight },
  });
  const items = virtual.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => onRange({ first, last }), [onRange, first, last]);
  const current = Math.min(active, Math.max(0, total - 1));

  const onKeyDown = (event: KeyboardEvent) => {
    const move = moves[event.key];
    if (move !== undefined) {
      event.preventDefault();
      const next = move(current, total - 1);
      setActive(next);
      virtual.scrollToIndex(next);
    } else if (event.key === " " || event.key === "Enter") {
      event.preventDefault();
      const instance = at(current);
      if (instance) onToggle(instance);
    }
  };

  return (
    <div ref={box} className={classes.box} role="listbox" aria-label={label} aria-multiselectable tabIndex={0}
      aria-activedescendant={total > 0 ? `${id}-${current}` : undefined} onKeyDown={onKeyDown}>
      <div role="presentation" style={{ height: virtual.getTotalSize(), position: "relative" }}>
        {items.map(({ index, start }) => {
          const instance = at(index);
          return (
            <InstanceOption key={index} id={`${id}-${index}`} instance={instance} active={index === current}
              selected={instance !== undefined && selected.has(instance.id)} error={instance && errors[instance.id]}
              position={index + 1} total={total} top={start}
              onToggle={(chosen) => {
                setActive(index);
                onToggle(chosen);
              }} />
          );
        })}
      </div>
    </div>
  );
}
