import { SegmentedControl, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { chartQuery } from "@/api/analysis";
import { Empty, Failure, Loading } from "@/components/PageState";
import { ChoiceForm } from "./ChoiceForm";
import type { AnalysisProps } from "./GroupsTab";
import { chartText } from "./chartText";

const Chart = lazy(async () => ({ default: (await import("./Chart")).Chart }));

/** The rows as bars or lines; the server makes the points. */
export function ChartTab({ batchId, columns, filter, choice, onChange }: AnalysisProps) {
  const [form, setForm] = useState<"bar" | "line">("bar");
  const { data, error, isPlaceholderData, refetch } = useQuery(chartQuery(batchId, { x: choice.by, y: choice.measure, series: choice.split || undefined, filter }));
  return (
    <Stack gap={12}>
      <ChoiceForm columns={columns} choice={choice} splitLabel="A colour for each" onChange={onChange} />
      <SegmentedControl size="xs" w={160} aria-label="Form of the chart" value={form} data={[{ value: "bar", label: "Bars" }, { value: "line", label: "Lines" }]}
        onChange={(value) => setForm(value === "line" ? "line" : "bar")} />
      {error && <Failure error={error} what="The chart could not be made" onRetry={() => void refetch()} />}
      {!data && !error && <Loading rows={10} label="Making the chart" />}
      {data?.categories.length === 0 && <Empty title="Nothing to draw">{filter.length > 0 ? "No row fits the filters of the table." : "Rows appear as soon as the first operation is completed."}</Empty>}
      {data && data.categories.length > 0 && (
        <div style={{ opacity: isPlaceholderData ? 0.6 : 1 }}>
          <Suspense fallback={<Loading rows={10} label="Making the chart" />}>
            <Chart chart={data} form={form} />
          </Suspense>
          <Text size="xs" c="dimmed">
            {chartText(data)} The same numbers stand under “Groups”.
          </Text>
        </div>
      )}
    </Stack>
  );
}
