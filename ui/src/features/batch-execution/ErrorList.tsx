import { Anchor, List, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { instanceLookupQuery } from "@/api/instances";
import { Notice } from "@/components/Notice";
import { plural } from "@/model/wording";
import type { Step } from "./steps";
import { countErrors, type DraftErrors } from "./submission";

/** Where an error is put right: a step, and the field in it. */
export interface Place {
  step: Step;
  field?: string;
}

interface Item extends Place {
  text: string;
}

const longest = 20;

function itemsOf(errors: DraftErrors, nameOf: (id: string) => string): Item[] {
  const items: Item[] = errors.general.map((text) => ({ step: "review", text }));
  for (const text of errors.selection) items.push({ step: "instances", text });
  for (const [id, text] of Object.entries(errors.instances)) items.push({ step: "instances", text: `${nameOf(id)}: ${text}` });
  for (const [name, text] of Object.entries(errors.parameters)) {
    items.push({ step: "parameters", field: `parameter-${name}`, text: `${name}: ${text}` });
  }
  for (const [id, fields] of Object.entries(errors.overrides)) {
    for (const [name, text] of Object.entries(fields)) {
      items.push({ step: "overrides", field: `override-${id}-${name}`, text: `${nameOf(id)}, ${name}: ${text}` });
    }
  }
  if (errors.name !== undefined) items.push({ step: "review", field: "batch-name", text: errors.name });
  if (errors.description !== undefined) items.push({ step: "review", field: "batch-description", text: errors.description });
  return items;
}

interface ErrorListProps {
  errors: DraftErrors;
  onJump: (place: Place) => void;
}

/** Everything that keeps the batch from running, each with a way to it. */
export function ErrorList({ errors, onJump }: ErrorListProps) {
  const ids = [...Object.keys(errors.instances), ...Object.keys(errors.overrides)].slice(0, longest);
  const { data = [] } = useQuery(instanceLookupQuery(ids));
  const names = new Map(data.map((instance) => [instance.id, instance.name]));
  const count = countErrors(errors);
  if (count === 0) return null;
  const items = itemsOf(errors, (id) => names.get(id) ?? id);
  return (
    <Notice tone="failed" urgent title={`${plural(count, "thing")} to put right`}>
      <Stack gap={4}>
        <List size="sm">
          {items.slice(0, longest).map((item) => (
            <List.Item key={`${item.field ?? item.step}${item.text}`}>
              {item.step === "review" && item.field === undefined ? (
                item.text
              ) : (
                <Anchor component="button" type="button" ta="left" onClick={() => onJump(item)}>
                  {item.text}
                </Anchor>
              )}
            </List.Item>
          ))}
        </List>
        {items.length > longest && <Text c="dimmed">and {items.length - longest} more</Text>}
      </Stack>
    </Notice>
  );
}
