import { useCallback, useLayoutEffect, useRef, useState, type RefObject } from "react";
import { geometryOf, revealing, scrolledBy, scrolledTo, visibleRows, type RowRange, type ScrollState } from "@/model/scaledScroll";

interface ScaledRows {
  scroller: RefObject<HTMLDivElement | null>;
  onScroll: () => void;
  bodyHeight: number;
  range: RowRange;
  /** Where a row lies inside the body now. */
  offsetOf: (row: number) => number;
  reveal: (row: number) => void;
  goTo: (row: number) => void;
  /** Brings pixels `left` to `left + width` into view sideways. */
  revealAcross: (left: number, width: number) => void;
}

const start: ScrollState = { top: 0, physical: 0 };

export function useScaledRows(rows: number, rowHeight: number, headerHeight: number): ScaledRows {
  const scroller = useRef<HTMLDivElement>(null);
  const [height, setHeight] = useState(480);
  const [state, setState] = useState(start);
  const geometry = geometryOf(rows, rowHeight, Math.max(rowHeight, height - headerHeight));
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setHeight(element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const move = useCallback((next: ScrollState) => {
    setState(next);
    const element = scroller.current;
    if (element && Math.abs(element.scrollTop - next.physical) >= 1) element.scrollTop = next.physical;
  }, []);
  // Fewer rows than before (a filter): the view must not hang below the last one.
  const shown = state.top > 0 && state.top > geometry.content - geometry.viewport ? scrolledTo(geometry, state.top) : state;

  return {
    scroller,
    onScroll: () => {
      const element = scroller.current;
      if (element) move(scrolledBy(geometry, shown, element.scrollTop));
    },
    bodyHeight: geometry.body,
    range: visibleRows(shown, geometry, rowHeight, rows),
    offsetOf: (row) => row * rowHeight - shown.top + shown.physical,
    reveal: (row) => move(scrolledTo(geometry, revealing(shown, geometry, rowHeight, row))),
    goTo: (row) => move(scrolledTo(geometry, row * rowHeight)),
    revealAcross: (left, width) => {
      const element = scroller.current;
      if (!element) return;
      const hidden = left < element.scrollLeft || left + width > element.scrollLeft + element.clientWidth;
      if (hidden) element.scrollLeft = left;
    },
  };
}
