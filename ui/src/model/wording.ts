/** Numbers and times as people read them, in the browser's language. */

const whole = new Intl.NumberFormat("en");
const moment = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

export const formatCount = (value: number): string => whole.format(value);

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${formatCount(count)} ${count === 1 ? one : many}`;

/** 850 ms → "0.9 s", 75,000 → "1 min 15 s", 7,500,000 → "2 h 5 min". */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds) / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const total = Math.round(seconds);
  if (total < 60) return `${total} s`;
  if (total < 3600) return `${Math.floor(total / 60)} min ${total % 60} s`;
  return `${Math.floor(total / 3600)} h ${Math.floor((total % 3600) / 60)} min`;
}

/** For what may take a few milliseconds only: 6 → "6 ms", 1,240 → "1.2 s". */
export const formatSpan = (milliseconds: number): string =>
  milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : formatDuration(milliseconds);

export const formatMoment = (iso: string): string => moment.format(new Date(iso));

const spans: [unit: Intl.RelativeTimeFormatUnit, seconds: number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** "3 hours ago"; the first minute is one step, for a page's clock ticks slowly. `now` is passed so that a page's clock is one clock. */
export function formatAgo(iso: string, now: number): string {
  const seconds = (Date.parse(iso) - now) / 1000;
  const span = spans.find(([, size]) => Math.abs(seconds) >= size);
  if (span === undefined) return "less than a minute ago";
  const [unit, size] = span;
  return relative.format(Math.round(seconds / size), unit);
}

interface Estimate {
  estimated_time_remaining_ms?: number | null;
  eta_low_ms?: number | null;
  eta_high_ms?: number | null;
  stalled?: boolean;
}

const roughly = (milliseconds: number): string => {
  if (milliseconds < 60_000) return `${Math.max(5, Math.ceil(milliseconds / 5_000) * 5)} s`;
  if (milliseconds < 5_400_000) return `${Math.round(milliseconds / 60_000)} min`;
  return `${(milliseconds / 3_600_000).toFixed(1)} h`;
};

/** What is left, rounded so that it does not flicker. */
export function formatEta(estimate: Estimate): string {
  if (estimate.stalled) return "Stalled: nothing has finished for a while";
  const { eta_low_ms: low, eta_high_ms: high, estimated_time_remaining_ms: middle } = estimate;
  if (low != null && high != null) {
    const [from, to] = [roughly(low), roughly(high)];
    if (from !== to) return `about ${from} to ${to} left`;
    return `about ${from} left`;
  }
  return middle == null ? "estimating…" : `about ${roughly(middle)} left`;
}
