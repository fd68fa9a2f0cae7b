import { Checkbox, Fieldset, Group, NativeSelect, Stack, TextInput } from "@mantine/core";
import { windowTypes } from "./timeWindow";

interface TimeWindowFieldsProps {
  values: Readonly<Record<string, string>>;
  errors: Readonly<Record<string, string>>;
  onChange: (name: string, text: string) => void;
}

const zones = Intl.supportedValuesOf("timeZone");

/** Switching between days and exact times keeps the days. */
const asExact = (text: string) => (text === "" || text.includes("T") ? text : `${text}T00:00:00`);

export function TimeWindowFields({ values, errors, onChange }: TimeWindowFieldsProps) {
  const { timeWindowType = "", startDate = "", endDate = "", timeZone = "", exactTimes = "" } = values;
  const exact = exactTimes === "true";
  const setExact = (next: boolean) => {
    onChange("exactTimes", String(next));
    onChange("startDate", next ? asExact(startDate) : startDate.slice(0, 10));
    onChange("endDate", next ? asExact(endDate) : endDate.slice(0, 10));
  };
  const type = exact ? "datetime-local" : "date";
  return (
    <Fieldset legend="Time window" p={12}>
      <Stack gap={8}>
        <Group gap={12} align="flex-start">
          <NativeSelect id="parameter-timeWindowType" size="xs" label="Window" data={[...windowTypes]} value={timeWindowType} w={230}
            error={errors.timeWindowType} onChange={(event) => onChange("timeWindowType", event.currentTarget.value)} />
          <TextInput id="parameter-timeZone" size="xs" label="Time zone" placeholder="UTC" list="time-zones" value={timeZone} w={180}
            error={errors.timeZone} onChange={(event) => onChange("timeZone", event.currentTarget.value)} />
          <datalist id="time-zones">
            {zones.map((zone) => (
              <option key={zone} value={zone} />
            ))}
          </datalist>
        </Group>
        {timeWindowType === "EXPLICIT" && (
          <Group gap={12} align="flex-start">
            <TextInput id="parameter-startDate" size="xs" type={type} step={1} label={exact ? "From" : "First day"} required value={startDate} w={230}
              error={errors.startDate} onChange={(event) => onChange("startDate", event.currentTarget.value)} />
            <TextInput id="parameter-endDate" size="xs" type={type} step={1} label={exact ? "Until (not included)" : "Last day (included)"} required value={endDate} w={230}
              error={errors.endDate} onChange={(event) => onChange("endDate", event.currentTarget.value)} />
            <Checkbox size="xs" label="Exact times" mt={28} checked={exact} onChange={(event) => setExact(event.currentTarget.checked)} />
          </Group>
        )}
      </Stack>
    </Fieldset>
  );
}
