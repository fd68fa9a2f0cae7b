import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import type { BatchSubmission, Workflow } from "@/api/workflows";
import { fakeApi, instanceRoutes, Refusal, type Asked } from "@/testing/fakeApi";
import { renderInApp } from "@/testing/render";
import { BatchForm } from "./BatchForm";

const workflow: Workflow = {
  id: "w1",
  key: "reach",
  name: "Reach",
  description: "",
  version: 1,
  sql_query: "SELECT 1",
  aggregate: "",
  origin: null,
  parameters: [{ name: "min_impressions", data_type: "INTEGER", required: true, default: null, description: "" }],
  tags: [],
  created_at: "2026-11-01T00:00:00Z",
  updated_at: "2026-11-01T00:00:00Z",
  last_batch: null,
};

const previewed = ({ body }: Asked) => {
  const { instance_ids: ids, parameters, instance_parameters: overrides } = body as BatchSubmission;
  return {
    workflow,
    total_instances: ids.length,
    findings: [],
    instances: ids.map((id) => ({
      instance_id: id,
      name: `Instance ${id}`,
      region: "us-east-1",
      parameters: { ...parameters, ...overrides[id] },
      overridden: Object.keys(overrides[id] ?? {}),
      warnings: [],
    })),
  };
};

async function opened(preview: (asked: Asked) => unknown = previewed) {
  const asked = fakeApi({
    ...instanceRoutes(3),
    "POST /workflows/w1/preview": preview,
    "POST /workflows/w1/batch-execute": () => ({ success: true, batch: { batch_id: "batch_1" } }),
  });
  const started = vi.fn();
  await renderInApp(<BatchForm workflow={workflow} onStarted={started} />);
  const user = userEvent.setup();
  await user.click(await screen.findByRole("button", { name: "Select all 3" }));
  await screen.findByText("3 instances selected");
  const next = () => user.click(screen.getByRole("button", { name: "Next" }));
  return { asked, started, user, next };
}

it("submits what was chosen, shared and overridden, exactly as previewed", async () => {
  const { asked, started, user, next } = await opened();
  await next();
  await user.type(screen.getByLabelText(/min_impressions/), "2");
  await next();
  const cell = await screen.findByRole("textbox", { name: "min_impressions for Instance 0001" });
  expect(cell).toHaveAttribute("placeholder", "2");
  await user.type(cell, "7");
  expect(screen.getByText("1 instance overridden")).toBeInTheDocument();
  await next();
  expect(await screen.findByText("3 instances will run")).toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Run on 3 instances" }));
  await waitFor(() => expect(started).toHaveBeenCalledWith("batch_1", expect.anything(), undefined, expect.anything()));
  const bodies = asked.filter(({ path }) => path.startsWith("/workflows/")).map(({ body }) => body);
  expect(bodies).toHaveLength(2);
  expect(bodies[1]).toEqual(bodies[0]);
  expect(bodies[1]).toMatchObject({
    instance_ids: ["id-0", "id-1", "id-2"],
    parameters: { min_impressions: 2 },
    instance_parameters: { "id-1": { min_impressions: 7 } },
  });
});

it("resets a row of overrides to what is shared", async () => {
  const { user, next } = await opened();
  await next();
  await next();
  const cell = await screen.findByRole("textbox", { name: /min_impressions for Instance 0001/ });
  await user.type(cell, "7");
  await user.click(screen.getByRole("button", { name: "Reset the overrides of Instance 0001" }));
  expect(cell).toHaveValue("");
  expect(screen.getByText("0 instances overridden")).toBeInTheDocument();
});

it("does not ask the server about what it can see to be wrong, and leads to the field", async () => {
  const { asked, user } = await opened();
  await user.click(screen.getByRole("button", { name: /Review/ }));
  const alert = await screen.findByRole("alert");
  await user.click(within(alert).getByRole("button", { name: "min_impressions: This parameter is required." }));
  await waitFor(() => expect(screen.getByLabelText(/min_impressions/)).toHaveFocus());
  expect(asked.some(({ path }) => path.endsWith("/preview"))).toBe(false);
});

it("puts the server's refusal at its field and takes it away when the field changes", async () => {
  const refuse = ({ body }: Asked) =>
    (body as BatchSubmission).parameters.min_impressions === 500
      ? new Refusal(400, {
          code: "bad_batch",
          detail: "2 things must be put right.",
          errors: [
            { pointer: "/parameters/min_impressions", message: "At most 99." },
            { pointer: "/instance_ids/1", message: "Not yours." },
          ],
        })
      : previewed({ body } as Asked);
  const { user, next } = await opened(refuse);
  await next();
  await user.type(screen.getByLabelText(/min_impressions/), "500");
  await user.click(screen.getByRole("button", { name: /Review/ }));
  const alert = await screen.findByRole("alert");
  expect(await within(alert).findByText("Instance 0001: Not yours.")).toBeInTheDocument();
  expect(screen.getByRole("button", { name: "Run on 3 instances" })).toBeDisabled();
  await user.click(within(alert).getByRole("button", { name: "min_impressions: At most 99." }));
  const field = screen.getByLabelText(/min_impressions/);
  expect(field).toHaveAccessibleDescription("At most 99.");
  await user.clear(field);
  await user.type(field, "9");
  expect(field).not.toHaveAccessibleDescription("At most 99.");
  await user.click(screen.getByRole("button", { name: /Review/ }));
  await waitFor(() => expect(screen.getByRole("button", { name: "Run on 3 instances" })).toBeEnabled());
});
