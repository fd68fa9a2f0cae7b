import { Group, Stack, Switch, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { matchingIds } from "@/api/instances";
import type { Parameter } from "@/api/workflows";
import { Empty, Failure } from "@/components/PageState";
import { SearchField } from "@/components/SearchField";
import { plural } from "@/model/wording";
import { overriddenCount, type Draft } from "./draft";
import { OverrideGrid } from "./OverrideGrid";
import { overridableParameters } from "./timeWindow";

export interface OverrideActions {
  onChange: (instance: string, name: string, text: string) => void;
  onReset: (instance: string) => void;
}

interface OverridesStepProps extends OverrideActions {
  draft: Draft;
  parameters: Parameter[];
  errors: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export function OverridesStep({ draft, parameters, errors, ...actions }: OverridesStepProps) {
  const [q, setQ] = useState("");
  const [onlyOverridden, setOnlyOverridden] = useState(false);
  const found = useQuery({
    queryKey: ["instances", "ids", q],
    queryFn: () => matchingIds({ q }),
    enabled: q !== "",
  });
  const columns = overridableParameters(parameters, draft.values);
  if (draft.selected.size === 0) return <Empty title="No instance is chosen">Choose instances first; then they can differ here.</Empty>;
  if (columns.length === 0) {
    return <Empty title="Nothing to override">This workflow declares no parameters, and the time window has no explicit bounds.</Empty>;
  }
  const matching = q === "" || found.data === undefined ? undefined : new Set(found.data);
  const shown = [...draft.selected].filter(
    (id) => (matching?.has(id) ?? true) && (!onlyOverridden || draft.overrides[id] !== undefined || errors[id] !== undefined),
  );
  return (
    <Stack gap={8}>
      <Text c="dimmed">A blank cell keeps the shared value, shown in grey. Type only where an instance differs.</Text>
      <Group gap={12} justify="space-between">
        <Group gap={12}>
          <SearchField label="Search the chosen instances" value={q} onChange={setQ} />
          <Switch size="xs" label="Only overridden" checked={onlyOverridden} onChange={(event) => setOnlyOverridden(event.currentTarget.checked)} />
        </Group>
        <Text role="status" fw={600}>
          {plural(overriddenCount(draft), "instance")} overridden
        </Text>
      </Group>
      {found.error && <Failure error={found.error} what="The search failed" onRetry={() => void found.refetch()} />}
      {shown.length === 0 ? (
        <Empty title="No row to show">{onlyOverridden ? "No chosen instance has an override." : `No chosen instance fits “${q}”.`}</Empty>
      ) : (
        <OverrideGrid ids={shown} columns={columns} draft={draft} errors={errors} {...actions} />
      )}
    </Stack>
  );
}
