import { Button, Group, NativeSelect, Stack, TextInput } from "@mantine/core";
import { useState, type SyntheticEvent } from "react";
import type { GridColumn } from "@/components/grid/gridModel";
import type { ColumnFilter } from "@/model/search";
import { filterValue, needsValue, opsFor, opWords } from "./filterWords";

interface FilterFormProps {
  column: GridColumn;
  current: ColumnFilter | undefined;
  onApply: (filter: ColumnFilter | undefined) => void;
}

const inputTypes: Partial<Record<GridColumn["type"], string>> = { date: "date" };

export function FilterForm({ column, current, onApply }: FilterFormProps) {
  const ops = opsFor(column.type);
  const [op, setOp] = useState(current?.op ?? ops[0] ?? "eq");
  const [text, setText] = useState(current?.value === undefined ? "" : String(current.value));
  const [error, setError] = useState<string>();
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (!needsValue(op)) {
      onApply({ column: column.name, op });
      return;
    }
    const value = filterValue(column.type, text);
    if (value === undefined) setError(column.type === "number" ? "Enter a number." : "Enter a value.");
    else onApply({ column: column.name, op, value });
  };
  return (
    <form onSubmit={submit}>
      <Stack gap={8}>
        <NativeSelect size="xs" label={`Rows where ${column.name}`} value={op} data={ops.map((value) => ({ value, label: opWords[value] }))}
          onChange={(event) => setOp(ops.find((known) => known === event.currentTarget.value) ?? op)} />
        {needsValue(op) && column.type === "boolean" && (
          <NativeSelect size="xs" aria-label="Value" value={text} data={["", "true", "false"]} error={error} onChange={(event) => setText(event.currentTarget.value)} />
        )}
        {needsValue(op) && column.type !== "boolean" && (
          <TextInput size="xs" aria-label="Value" placeholder="Value" type={inputTypes[column.type] ?? "text"} value={text} error={error} data-autofocus
            onChange={(event) => setText(event.currentTarget.value)} />
        )}
        <Group gap={4} grow>
          <Button type="submit">Apply</Button>
          <Button variant="default" disabled={current === undefined} onClick={() => onApply(undefined)}>
            Clear
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
