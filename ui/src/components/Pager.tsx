import { ActionIcon, Group, Text } from "@mantine/core";
import { formatCount } from "@/model/wording";
import { Icon } from "./Icon";

interface PagerProps {
  /** 1-based. */
  page: number;
  pageSize: number;
  total: number;
  noun: string;
  onChange: (page: number) => void;
}

export function Pager({ page, pageSize, total, noun, onChange }: PagerProps) {
  const first = Math.min(total, (page - 1) * pageSize + 1);
  const last = Math.min(total, page * pageSize);
  return (
    <Group component="nav" gap={8} aria-label={`Pages of ${noun}`} justify="flex-end">
      <Text c="dimmed" role="status">
        {formatCount(first)}–{formatCount(last)} of {formatCount(total)} {noun}
      </Text>
      {total > pageSize && <Arrows page={page} last={last >= total} onChange={onChange} />}
    </Group>
  );
}

function Arrows({ page, last, onChange }: { page: number; last: boolean; onChange: (page: number) => void }) {
  return (
    <>
      <ActionIcon variant="default" size={28} aria-label="Previous page" disabled={page <= 1} onClick={() => onChange(page - 1)}>
        <Icon name="chevronLeft" />
      </ActionIcon>
      <ActionIcon variant="default" size={28} aria-label="Next page" disabled={last} onClick={() => onChange(page + 1)}>
        <Icon name="chevronRight" />
      </ActionIcon>
    </>
  );
}
