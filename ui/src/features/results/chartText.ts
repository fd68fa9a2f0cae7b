/** A chart in words, for those who do not see it and for its caption. */
import type { ResultChart } from "@/api/analysis";
import { plural } from "@/model/wording";

export const nameOf = (value: string | number | boolean | null, isRest = false): string => (isRest ? "all others" : value === null ? "(none)" : String(value));

export const categoryNames = ({ categories, has_other: hasOther }: ResultChart): string[] =>
  categories.map((value, index) => nameOf(value, hasOther === true && index === categories.length - 1));

export function chartText(chart: ResultChart): string {
  const series = chart.series.length > 1 ? `, ${plural(chart.series.length, "series", "series")}` : "";
  return `${chart.y?.name ?? "Values"} by ${chart.x?.name ?? "group"}: ${plural(chart.categories.length, "point")}${series}.`;
}
