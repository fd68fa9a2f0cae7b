/**
 * Scrolling over more rows than a browser can lay out: elements end near 33 million pixels in Chrome and near
 * 18 million in Firefox. The body is capped; small scrolls (wheel, touch) move by true pixels, large ones (the thumb)
 * by fraction. Pure arithmetic: the component owns the element.
 */

export const tallest = 8_000_000;

export interface Geometry {
  /** Pixels that all rows would take. */
  content: number;
  /** Pixels that the body takes. */
  body: number;
  viewport: number;
}

export interface ScrollState {
  /** True pixels above the viewport. */
  top: number;
  /** The element's `scrollTop` that belongs to it. */
  physical: number;
}

export const geometryOf = (rows: number, rowHeight: number, viewport: number): Geometry => ({
  content: rows * rowHeight,
  body: Math.min(rows * rowHeight, tallest),
  viewport,
});

const reach = ({ content, viewport }: Geometry) => Math.max(0, content - viewport);
const physicalReach = ({ body, viewport }: Geometry) => Math.max(0, body - viewport);
const clamp = (value: number, max: number) => Math.min(Math.max(0, value), max);

/** The state that shows true pixel `top`, with the thumb where it belongs. */
export function scrolledTo(geometry: Geometry, top: number): ScrollState {
  const end = reach(geometry);
  const at = clamp(top, end);
  return { top: at, physical: end === 0 ? 0 : (at / end) * physicalReach(geometry) };
}

/** What a scroll of the element to `scrollTop` means; a changed `physical` must be written back to the element. */
export function scrolledBy(geometry: Geometry, state: ScrollState, scrollTop: number): ScrollState {
  const end = physicalReach(geometry);
  if (geometry.content === geometry.body) return { top: clamp(scrollTop, end), physical: scrollTop };
  const step = scrollTop - state.physical;
  if (Math.abs(step) >= geometry.viewport) return { ...scrolledTo(geometry, (scrollTop / end) * reach(geometry)), physical: scrollTop };
  const top = clamp(state.top + step, reach(geometry));
  // The element's edge and the content's edge must be reached together: the thumb drifts with small steps.
  const edge = scrollTop <= 0 || scrollTop >= end || top === 0 || top === reach(geometry);
  return edge ? scrolledTo(geometry, top) : { top, physical: scrollTop };
}

export interface RowRange {
  first: number;
  last: number;
}

export function visibleRows(state: ScrollState, geometry: Geometry, rowHeight: number, rows: number): RowRange {
  const first = Math.floor(state.top / rowHeight);
  const last = Math.ceil((state.top + geometry.viewport) / rowHeight);
  return { first: Math.max(0, first - 4), last: Math.min(rows - 1, last + 4) };
}

/** The nearest top that shows the whole row. */
export function revealing(state: ScrollState, geometry: Geometry, rowHeight: number, row: number): number {
  const start = row * rowHeight;
  if (start < state.top) return start;
  return Math.max(state.top, start + rowHeight - geometry.viewport);
}
