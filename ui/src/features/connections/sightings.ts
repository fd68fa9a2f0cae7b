/** What a discovery saw, narrowed and put into words. */
import type { Sighting } from "@/api/connections";
import type { Look } from "@/model/status";

export const standingLooks: Record<Sighting["standing"], Look & { means: string }> = {
  new: { word: "New", tone: "running", means: "you do not have it yet" },
  changed: { word: "Changed", tone: "partial", means: "account, marketplace, type or tags differ from yours" },
  unchanged: { word: "In step", tone: "succeeded", means: "you have it as it is" },
  elsewhere: { word: "Elsewhere", tone: "skipped", means: "you have it through another connection" },
  gone: { word: "Gone", tone: "cancelled", means: "its account does not show it any more" },
  unseen: { word: "Not seen", tone: "queued", means: "its account could not be listed" },
};

export const standings = Object.keys(standingLooks) as Sighting["standing"][];

/** Only these can be brought in; of the others an import changes nothing. */
export const isImportable = ({ standing }: Sighting): boolean => standing === "new" || standing === "changed";

export interface SightingFilter {
  q: string;
  standing?: Sighting["standing"];
}

export function narrowed(sightings: readonly Sighting[], { q, standing }: SightingFilter): Sighting[] {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  return sightings.filter((sighting) => {
    if (standing !== undefined && sighting.standing !== standing) return false;
    const text = [sighting.name, sighting.instance_id, sighting.account_name, sighting.account_id, sighting.region, ...sighting.tags].join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** The values of the tags that begin with a name: `advertiser` → display, sponsored ads. */
export const tagged = (sighting: Sighting, name: string): string[] =>
  sighting.tags.filter((tag) => tag.startsWith(`${name}:`)).map((tag) => tag.slice(name.length + 1).replaceAll("_", " "));

const shown = (value: unknown): string => (typeof value === "string" ? value || "none" : value == null ? "none" : JSON.stringify(value));

/** Every field that an import would change: "sandbox: false → true"; of tags only those that come or go. */
export function changesOf({ changes }: Sighting): string[] {
  return Object.entries(changes).map(([field, { before, after }]) => {
    if (!Array.isArray(before) || !Array.isArray(after)) return `${field}: ${shown(before)} → ${shown(after)}`;
    const added = after.filter((value) => !before.includes(value)).map((value) => `+ ${String(value)}`);
    const dropped = before.filter((value) => !after.includes(value)).map((value) => `− ${String(value)}`);
    return `${field}: ${[...added, ...dropped].join(", ")}`;
  });
}

export interface ImportCounts {
  added: number;
  changed: number;
  removed: number;
  kept: number;
}

export function importCounts(sightings: readonly Sighting[]): ImportCounts {
  const count = (done: Sighting["done"]) => sightings.filter((sighting) => sighting.done === done).length;
  return { added: count("created"), changed: count("updated"), removed: count("removed"), kept: count("kept") };
}
