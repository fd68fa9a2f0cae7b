import { useEffect, useState } from "react";
import { formatAgo, formatDuration, formatMoment } from "@/model/wording";

/** The time now, again every `everyMs`; stands still while `running` is false. */
export function useNow(everyMs: number, running = true): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs, running]);
  return now;
}

export function Ago({ at }: { at: string }) {
  const now = useNow(30_000);
  return (
    <time style={{ whiteSpace: "nowrap" }} dateTime={at} title={formatMoment(at)}>
      {formatAgo(at, Math.max(now, Date.parse(at)))}
    </time>
  );
}

/** Ticks every second while the thing runs. */
export function Elapsed({ from, to }: { from: string | null | undefined; to: string | null | undefined }) {
  const now = useNow(1_000, from != null && to == null);
  if (from == null) return <>–</>;
  const end = to == null ? now : Date.parse(to);
  return <span style={{ whiteSpace: "nowrap" }}>{formatDuration(end - Date.parse(from))}</span>;
}
