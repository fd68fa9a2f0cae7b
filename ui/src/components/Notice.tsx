import { CloseButton } from "@mantine/core";
import type { ReactNode } from "react";
import type { Tone } from "@/model/status";
import { Icon, type IconName } from "./Icon";
import classes from "./Notice.module.css";

interface NoticeProps {
  tone: Tone;
  icon?: IconName;
  title?: string;
  /** Spoken at once; otherwise when there is a pause. */
  urgent?: boolean;
  onClose?: () => void;
  children: ReactNode;
}

/** A boxed sentence in the colours of its tone. */
export function Notice({ tone, icon = "warning", title, urgent = false, onClose, children }: NoticeProps) {
  return (
    <div className={classes.notice} data-tone={tone} role={urgent ? "alert" : "status"}>
      <Icon name={icon} />
      <div className={classes.text}>
        {title !== undefined && <strong className={classes.title}>{title}</strong>}
        {children}
      </div>
      {onClose && <CloseButton size="sm" aria-label="Hide" onClick={onClose} />}
    </div>
  );
}
