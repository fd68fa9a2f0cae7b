import type { Connection } from "@/api/live";
import classes from "./LiveMark.module.css";

const words: Record<Connection, string> = {
  connecting: "Connecting…",
  live: "Live",
  polling: "Every 10 s",
  ended: "Ended",
};

export function LiveMark({ connection }: { connection: Connection }) {
  return (
    <span className={classes.mark} data-connection={connection}>
      <span className={classes.dot} aria-hidden />
      {words[connection]}
    </span>
  );
}
