import { ActionIcon, CopyButton } from "@mantine/core";
import { Icon } from "./Icon";

/** An id in full, with a button that copies it. */
export function CopyText({ text, what }: { text: string; what?: string }) {
  return (
    <span style={{ display: "inline-flex", alignItems: "center", gap: 2, overflowWrap: "anywhere" }}>
      <span className="ff-mono">{text}</span>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <ActionIcon variant="subtle" color="gray" size={24} aria-label={copied ? "Copied" : `Copy ${what ?? text}`} onClick={copy}>
            <Icon name={copied ? "check" : "copy"} size={12} />
          </ActionIcon>
        )}
      </CopyButton>
    </span>
  );
}
