import { List } from "@mantine/core";
import type { Sighting } from "@/api/connections";
import { Notice } from "@/components/Notice";
import { formatCount } from "@/model/wording";
import { importCounts } from "./sightings";

const words: Partial<Record<NonNullable<Sighting["done"]>, string>> = { created: "added", updated: "changed", removed: "removed", kept: "left alone" };

/** What an import added, changed and left alone. */
export function ImportOutcome({ imported, onClose }: { imported: readonly Sighting[]; onClose: () => void }) {
  const { added, changed, removed, kept } = importCounts(imported);
  const parts = [`${formatCount(added)} added`, `${formatCount(changed)} changed`, removed > 0 && `${formatCount(removed)} removed`, `${formatCount(kept)} left alone`];
  return (
    <Notice tone="succeeded" icon="check" title={`Imported: ${parts.filter(Boolean).join(", ")}`} onClose={onClose}>
      <details>
        <summary style={{ cursor: "pointer" }}>Each instance</summary>
        <List size="sm">
          {imported.map((sighting) => (
            <List.Item key={sighting.instance_id}>
              {sighting.name}: {sighting.done === null ? "left alone" : words[sighting.done]}
            </List.Item>
          ))}
        </List>
      </details>
    </Notice>
  );
}
