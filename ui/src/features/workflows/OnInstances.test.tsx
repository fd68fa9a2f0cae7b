import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { marksOf, type Finding } from "@/api/checks";
import type { Workflow } from "@/api/workflows";
import { fakeApi, instanceRoutes } from "@/testing/fakeApi";
import { renderInApp } from "@/testing/render";
import { Findings } from "./Findings";
import { OnInstances } from "./OnInstances";

const finding = (over: Partial<Finding>): Finding => ({
  rule: "tables", severity: "error", message: "No such table.", explanation: "It is a paid data set.", fix: "Leave it out.", line: 3, column: 7, ...over,
});
const workflow: Workflow = {
  id: "w1", key: "reach", name: "Reach", description: "", version: 2, sql_query: "SELECT 1", parameters: [], tags: [], aggregate: "",
  origin: null, created_at: "2026-11-01T00:00:00Z", updated_at: "2026-11-01T00:00:00Z", last_batch: null,
};
const saved = (state: string) => ({
  instance_id: "id-0", name: "Instance 0000", state, version: 2, at: "2026-11-01T00:00:00Z", difference: "", error: null, job_id: "batch_1",
});
const routes = (states: string[]) => ({
  ...instanceRoutes(3),
  "GET /workflows/w1/sync": () => ({ saved_id: "ff_reach", version: 2, instances: states.map(saved) }),
  "POST /workflows/w1/sync": () => ({ job_id: "batch_9", saved_id: "ff_reach", total_operations: 3 }),
  "POST /workflows/check/instances": () => ({
    ok: false, problems: [], findings: [],
    instances: [{ id: "id-0", name: "Instance 0000", ok: true, findings: [] }, { id: "id-1", name: "Instance 0001", ok: false, findings: [finding({})] }],
  }),
});

it("checks on the chosen instances, with the dry run if wanted, and names what each lacks", async () => {
  const asked = fakeApi(routes([]));
  await renderInApp(<OnInstances workflow={workflow} />);
  expect(screen.getByRole("button", { name: "Check on instances" })).toBeDisabled();
  await userEvent.click(await screen.findByRole("button", { name: "Choose all 3" }));
  await userEvent.click(screen.getByRole("checkbox", { name: "with AMC's dry run" }));
  await userEvent.click(screen.getByRole("button", { name: "Check on instances" }));
  expect(await screen.findByText("It cannot run on 1 of 2 instances.")).toBeVisible();
  const list = screen.getByRole("list", { name: "Findings on Instance 0001" });
  expect(within(list).getByText("No such table.")).toBeVisible();
  const body = asked.find(({ path }) => path === "/workflows/check/instances")?.body;
  expect(body).toMatchObject({ dry_run: true, batch: { instance_ids: ["id-0", "id-1", "id-2"] } });
});

it("compares without saving, and leads to the batch that does it", async () => {
  const asked = fakeApi(routes(["in_step", "differs"]));
  await renderInApp(<OnInstances workflow={workflow} />);
  expect(await screen.findByText("Differs")).toBeVisible();
  await userEvent.click(await screen.findByRole("button", { name: "Choose all 3" }));
  await userEvent.click(screen.getByRole("button", { name: "Compare with AMC" }));
  expect(await screen.findByRole("link", { name: "Watch it" })).toHaveAttribute("href", "/batches/batch_9");
  expect(asked.find(({ method, path }) => method === "POST" && path === "/workflows/w1/sync")?.body).toMatchObject({ compare_only: true });
});

it("leads from a finding to its line", async () => {
  const onShow = vi.fn();
  await renderInApp(<Findings label="Findings" findings={[finding({}), finding({ line: null, column: null })]} onShow={onShow} />);
  await userEvent.click(screen.getByRole("button", { name: "Line 3, column 7" }));
  expect(onShow).toHaveBeenCalledExactlyOnceWith(3);
  expect(marksOf([finding({ severity: "warning" }), finding({}), finding({ severity: "warning" })])).toEqual(new Map([[3, "error"]]));
});
