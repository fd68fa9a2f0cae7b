import { Group, Stack, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import type { ReactNode } from "react";
import classes from "./Page.module.css";

interface PageProps {
  title: string;
  /** The tab's title when it says more than the heading. */
  documentTitle?: string;
  heading?: ReactNode;
  actions?: ReactNode;
  /** As high as the window, for content that scrolls in itself. */
  fill?: boolean;
  children: ReactNode;
}

export function Page({ title, documentTitle, heading, actions, fill, children }: PageProps) {
  useDocumentTitle(`${documentTitle ?? title} · Fanfold`);
  return (
    <Stack gap={12} p={16} className={fill ? classes.fill : undefined}>
      <Group justify="space-between" align="center" gap={12}>
        <Group gap={12} style={{ minWidth: 0 }}>
          <Title order={1} style={{ overflowWrap: "anywhere" }}>
            {title}
          </Title>
          {heading}
        </Group>
        {actions !== undefined && <Group gap={8}>{actions}</Group>}
      </Group>
      {children}
    </Stack>
  );
}
