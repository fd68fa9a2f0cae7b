import { Group, NativeSelect } from "@mantine/core";
import type { ResultColumn } from "@/api/results";
import { groupOptions, measureOptions, type Choice } from "./measures";

interface ChoiceFormProps {
  columns: readonly ResultColumn[];
  choice: Choice;
  splitLabel: string;
  onChange: (choice: Partial<Choice>) => void;
}

export function ChoiceForm({ columns, choice, splitLabel, onChange }: ChoiceFormProps) {
  const groups = groupOptions(columns);
  return (
    <Group gap={8}>
      <NativeSelect size="xs" label="Group by" data={groups} value={choice.by} onChange={(event) => onChange({ by: event.currentTarget.value })} />
      <NativeSelect size="xs" label="Measure" data={measureOptions(columns)} value={choice.measure} onChange={(event) => onChange({ measure: event.currentTarget.value })} />
      <NativeSelect size="xs" label={splitLabel} data={[{ value: "", label: "nothing" }, ...groups.filter(({ value }) => value !== choice.by && !value.includes(":"))]}
        value={choice.split} onChange={(event) => onChange({ split: event.currentTarget.value })} />
    </Group>
  );
}
