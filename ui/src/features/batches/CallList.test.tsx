import { screen } from "@testing-library/react";
import { expect, it } from "vitest";
import type { Call } from "@/api/batches";
import { renderInApp } from "@/testing/render";
import { CallList } from "./CallList";
import { causesIn, ResultWarnings, warningsOf } from "./ResultWarnings";

const call = (over: Partial<Call>): Call => ({
  number: 1, at: "2026-11-01T00:00:00Z", duration_ms: 42, error: null, method: "POST", path: "/amc/reporting/amc1/workflowExecutions",
  request_id: "RID-1", status: 200, step: "create_execution", ...over,
});

it("shows each call with its request id, and counts those without a good answer", async () => {
  const lost = call({ number: 9, status: null, request_id: null, error: "The connection was reset." });
  await renderInApp(<CallList calls={[call({}), lost]} />);
  expect(screen.getByText("2 calls, 1 without a good answer")).toBeVisible();
  expect(screen.getByText("RID-1")).toBeInTheDocument();
  expect(screen.getByRole("button", { name: "Copy the request id of call 1", hidden: true })).toBeInTheDocument();
  expect(screen.getByText("no answer")).toBeInTheDocument();
  expect(screen.getByText("The connection was reset.")).toBeInTheDocument();
  expect(screen.getByText(/There were 9/)).toBeInTheDocument();
});

it("puts the likely causes of an empty result in a list", async () => {
  const warning = "The result is empty or fully suppressed; likely: no time window was given; or no event matched.";
  expect(causesIn(warning)).toEqual({ title: "The result is empty or fully suppressed", causes: ["no time window was given", "no event matched"] });
  await renderInApp(<ResultWarnings warnings={warningsOf({ summary: { warnings: [warning, "The window is short.", 7] } })} />);
  expect(screen.getAllByRole("listitem").map((item) => item.textContent)).toEqual(["No time window was given.", "No event matched."]);
  expect(screen.getByText("The window is short.")).toBeVisible();
});

it("says nothing of a result without warnings", () => {
  expect(warningsOf({ summary: null })).toEqual([]);
  expect(warningsOf({ summary: { files: 1 } })).toEqual([]);
});
