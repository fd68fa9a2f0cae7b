import type { Look, Tone } from "@/model/status";
import { Icon, type IconName } from "./Icon";
import classes from "./StatusPill.module.css";

export const toneIcons: Record<Tone, IconName> = {
  succeeded: "check",
  failed: "cross",
  running: "play",
  paused: "pause",
  partial: "half",
  retrying: "arrows",
  queued: "dashedCircle",
  skipped: "skip",
  cancelled: "slash",
};

export function StatusPill({ look, large = false }: { look: Look; large?: boolean }) {
  return (
    <span className={classes.pill} data-tone={look.tone} data-large={large || undefined}>
      <Icon name={toneIcons[look.tone]} size={large ? 14 : 12} />
      {look.word}
    </span>
  );
}
