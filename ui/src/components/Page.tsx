import { Group, Stack, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import type { ReactNode } from "react";

interface PageProps {
  title: string;
  /** The tab's title when it says more than the heading. */
  documentTitle?: string;
  heading?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

export function Page({ title, documentTitle, heading, actions, children }: PageProps) {
  useDocumentTitle(`${documentTitle ?? title} · Fanfold`);
  return (
    <Stack gap={12} p={16}>
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
