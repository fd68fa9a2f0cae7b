// Fails the build when it outgrows the budgets of the UI (kilobytes, gzip -9).
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const budget = { firstScript: 200, firstStyle: 40, routeChunk: 60, chart: 190, wheel: 3 * 1024 };
const dist = fileURLToPath(new URL("../../src/fanfold/web/static", import.meta.url));
const manifest = JSON.parse(readFileSync(join(dist, ".vite/manifest.json"), "utf8"));

const zipped = (file) => gzipSync(readFileSync(join(dist, file)), { level: 9 }).length / 1024;

function closure(key, seen = new Set()) {
  if (!seen.has(key)) {
    seen.add(key);
    for (const next of manifest[key].imports ?? []) closure(next, seen);
  }
  return seen;
}

const filesOf = (keys) => ({
  scripts: new Set([...keys].map((key) => manifest[key].file)),
  styles: new Set([...keys].flatMap((key) => manifest[key].css ?? [])),
});

const sum = (files) => [...files].reduce((total, file) => total + zipped(file), 0);

const entryKey = Object.keys(manifest).find((key) => manifest[key].isEntry);
const entryKeys = closure(entryKey);
const entry = filesOf(entryKeys);
const resultsKey = Object.keys(manifest).find((key) => key.includes("results.lazy"));
const failures = [];

function measure(name, size, limit) {
  const line = `${name.padEnd(52)} ${size.toFixed(1).padStart(8)} kB of ${limit}`;
  console.log(line);
  if (size > limit) failures.push(line);
}

for (const key of Object.keys(manifest).filter((key) => manifest[key].isDynamicEntry)) {
  const all = closure(key);
  // The chart is drawn on the results page only, whose scripts are there by then.
  const isChart = manifest[key].name === "Chart";
  const present = isChart ? closure(resultsKey, new Set(entryKeys)) : entryKeys;
  const route = filesOf([...all].filter((part) => !present.has(part)));
  const limit = isChart ? budget.chart : budget.routeChunk;
  measure(`route ${manifest[key].name ?? key} script`, sum(route.scripts), limit);
  if (manifest[key].src?.includes("batches.lazy")) {
    measure("first route script", sum(entry.scripts) + sum(route.scripts), budget.firstScript);
    measure("first route style", sum(entry.styles) + sum(route.styles), budget.firstStyle);
  }
}

const weight = (folder) =>
  readdirSync(folder, { withFileTypes: true }).reduce((total, item) => {
    const path = join(folder, item.name);
    return total + (item.isDirectory() ? weight(path) : statSync(path).size / 1024);
  }, 0);
measure("all files in the wheel", weight(dist), budget.wheel);

if (failures.length > 0) {
  console.error(`Over budget:\n${failures.join("\n")}`);
  process.exit(1);
}
