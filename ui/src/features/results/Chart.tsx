import { useComputedColorScheme } from "@mantine/core";
import { BarChart, LineChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { init, use as install } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { useEffect, useRef } from "react";
import type { ResultChart } from "@/api/analysis";
import { categoryNames, chartText, nameOf } from "./chartText";

install([BarChart, LineChart, AriaComponent, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer]);

/** Okabe and Ito's colours, which people of every colour vision tell apart. */
const colours = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#999999"];

function optionOf(chart: ResultChart, form: "bar" | "line", token: (name: string) => string) {
  const text = token("--mantine-color-text");
  const axis = { axisLine: { lineStyle: { color: token("--ff-border-control") } }, axisLabel: { color: text }, splitLine: { lineStyle: { color: token("--ff-border") } } };
  return {
    animation: false,
    color: colours,
    textStyle: { color: text, fontFamily: "system-ui, sans-serif" },
    aria: { enabled: false, decal: { show: chart.series.length > 1 && form === "bar" } },
    grid: { left: 8, right: 16, top: chart.series.length > 1 ? 40 : 16, bottom: 8, containLabel: true },
    legend: { show: chart.series.length > 1, type: "scroll", textStyle: { color: text } },
    tooltip: { trigger: "axis", confine: true, backgroundColor: token("--ff-surface"), borderColor: token("--ff-border"), textStyle: { color: text } },
    xAxis: { type: "category", data: categoryNames(chart), ...axis, axisLabel: { ...axis.axisLabel, hideOverlap: true, interval: chart.categories.length > 14 ? "auto" : 0, overflow: "break", width: 110, lineHeight: 16 } },
    yAxis: { type: "value", ...axis },
    series: chart.series.map((one) => ({ type: form, name: nameOf(one.name, one.is_other), data: one.values, stack: undefined, showSymbol: chart.categories.length < 40 })),
  };
}

/** Draws it on a canvas; the caption and the table under "Groups" hold the same for those who cannot see it. */
export function Chart({ chart, form }: { chart: ResultChart; form: "bar" | "line" }) {
  const box = useRef<HTMLDivElement>(null);
  const scheme = useComputedColorScheme("light");
  useEffect(() => {
    if (box.current === null) return;
    const drawn = init(box.current);
    const styles = getComputedStyle(document.documentElement);
    drawn.setOption(optionOf(chart, form, (name) => styles.getPropertyValue(name).trim()));
    const sized = new ResizeObserver(() => drawn.resize());
    sized.observe(box.current);
    return () => {
      sized.disconnect();
      drawn.dispose();
    };
  }, [chart, form, scheme]);
  return <div ref={box} role="img" aria-label={chartText(chart)} style={{ height: 420, width: "100%" }} />;
}
