import { expect, it } from "vitest";
import type { HealthStep, Sighting } from "@/api/connections";
import { stepGroups, stepTitle } from "./health";
import { changesOf, importCounts, isImportable, narrowed, tagged } from "./sightings";

const sighting = (over: Partial<Sighting>): Sighting => ({
  id: null, instance_id: "amc1", name: "Ridgeback", region: "eu-west-1", account_id: "ENTITY1", account_name: "Alpenglow DE", accounts: [],
  marketplace_id: "M1", sandbox: false, tags: ["type:standard", "advertiser:sponsored_ads"], standing: "new", changes: {}, done: null, connection_id: null, ...over,
});

it("narrows by every word, in name, ids, account and tags, and by standing", () => {
  const all = [sighting({}), sighting({ instance_id: "amc2", name: "Summit", standing: "changed" })];
  expect(narrowed(all, { q: "alpenglow SPONSORED" })).toHaveLength(2);
  expect(narrowed(all, { q: "alpenglow amc2" }).map(({ name }) => name)).toEqual(["Summit"]);
  expect(narrowed(all, { q: "", standing: "new" }).map(({ name }) => name)).toEqual(["Ridgeback"]);
});

it("offers only what an import changes", () => {
  const offered = (["new", "changed", "unchanged", "elsewhere", "gone", "unseen"] as const).filter((standing) => isImportable(sighting({ standing })));
  expect(offered).toEqual(["new", "changed"]);
});

it("names of tags what comes and what goes, of other fields both values", () => {
  const changes = { tags: { before: ["demo", "old"], after: ["demo", "agency"] }, sandbox: { before: false, after: true } };
  expect(changesOf(sighting({ changes }))).toEqual(["tags: + agency, − old", "sandbox: false → true"]);
  expect(tagged(sighting({}), "advertiser")).toEqual(["sponsored ads"]);
});

it("counts what an import did", () => {
  const done = [sighting({ done: "created" }), sighting({ done: "created" }), sighting({ done: "updated" }), sighting({ done: "kept" })];
  expect(importCounts(done)).toEqual({ added: 2, changed: 1, removed: 0, kept: 1 });
});

it("puts steps of one sort together, and one failure fails them all", () => {
  const step = (name: string, ok: boolean): HealthStep => ({ step: name, subject: "", ok, detail: "", trouble: null, duration_ms: 1 });
  const groups = stepGroups([step("sign_in", true), step("instances", true), step("instances", false)]);
  expect(groups.map(({ step: name, ok, parts }) => [name, ok, parts.length])).toEqual([["sign_in", true, 1], ["instances", false, 2]]);
  expect(stepTitle("new_step")).toBe("New step");
});
