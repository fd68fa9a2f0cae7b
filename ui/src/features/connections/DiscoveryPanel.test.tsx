import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { fakeApi, Refusal } from "@/testing/fakeApi";
import { renderInApp } from "@/testing/render";
import { DiscoveryPanel } from "./DiscoveryPanel";
import { HealthPanel } from "./HealthPanel";

const seen = (id: string, standing: string, done: string | null = null) => ({
  id: null, instance_id: id, name: `Instance ${id}`, region: "eu-west-1", account_id: "E1", account_name: "One", accounts: [], marketplace_id: "M1",
  sandbox: false, tags: [], standing, changes: {}, done, connection_id: null,
});
const account = (id: string, access: string, trouble: object | null = null) => ({
  account_id: id, account_name: `Account ${id}`, marketplace_id: "M1", access, instance_count: 1, trouble,
});
const discovery = {
  accounts: [account("E1", "listed"), account("E2", "no_access"), account("E3", "fault", { cause: "throttled", message: "Slow down.", hint: "Try again later.", request_id: "RID-7" })],
  complete: false, failed_step: null, trouble: null,
  counts: { new: 2, changed: 0, unchanged: 1, elsewhere: 0, gone: 0, unseen: 0 },
  instances: [seen("a", "new"), seen("b", "new"), seen("c", "unchanged")],
};

it("tells accounts without access from faults, and imports what is chosen with its tags", async () => {
  const asked = fakeApi({
    "POST /connections/c1/discover": () => discovery,
    "POST /connections/c1/import": () => ({ ...discovery, instances: [seen("a", "new", "created"), seen("b", "new", "created")] }),
  });
  await renderInApp(<DiscoveryPanel connectionId="c1" />);
  await userEvent.click(screen.getByRole("button", { name: "Find instances" }));
  expect(await screen.findByText("this login may not see it")).toBeVisible();
  expect(screen.getByText("Account E3: Amazon asked for a pause")).toBeVisible();
  expect(screen.getByText("RID-7")).toBeVisible();
  expect(screen.getByText(/Not every account answered/)).toBeVisible();
  expect(screen.getByRole("checkbox", { name: "Import Instance c" })).toBeDisabled();
  await userEvent.type(screen.getByRole("combobox", { name: "Tags to give" }), "agency{Enter}");
  await userEvent.click(screen.getByRole("button", { name: "Select all 2" }));
  await userEvent.click(await screen.findByRole("button", { name: "Import 2 instances" }));
  expect(await screen.findByText("Imported: 2 added, 0 changed, 0 left alone")).toBeVisible();
  expect(asked.find(({ path }) => path.endsWith("/import"))?.body).toEqual({ accounts: [], tags: ["agency"], rename: false, instance_ids: ["a", "b"] });
  expect(screen.getByRole("button", { name: "Import 0 instances" })).toBeDisabled();
});

it("says that nothing was imported when the server refuses", async () => {
  fakeApi({
    "POST /connections/c1/discover": () => discovery,
    "POST /connections/c1/import": () => new Refusal(503, { detail: "The database is away." }),
  });
  await renderInApp(<DiscoveryPanel connectionId="c1" />);
  await userEvent.click(screen.getByRole("button", { name: "Find instances" }));
  await userEvent.click(await screen.findByRole("checkbox", { name: "Import Instance a" }));
  await userEvent.click(screen.getByRole("button", { name: "Import 1 instance" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("The database is away.");
});

it("shows the step that fails with what to do", async () => {
  const step = (name: string, ok: boolean, trouble: object | null = null) => ({ step: name, subject: "", ok, detail: "", trouble, duration_ms: 3 });
  const trouble = { cause: "credentials", message: "The refresh token is not valid.", hint: "Give consent again.", request_id: null };
  fakeApi({
    "POST /connections/c1/check": () => ({ ok: false, failed_step: "sign_in", instances_checked: 0, instances_total: 0, steps: [step("settings", true), step("sign_in", false, trouble)] }),
  });
  await renderInApp(<HealthPanel connectionId="c1" />);
  await userEvent.click(screen.getByRole("button", { name: "Check now" }));
  expect(await screen.findByText("at “Sign in”")).toBeVisible();
  expect(screen.getByText("The refresh token is not valid.")).toBeVisible();
  expect(screen.getByText("Give consent again.", { exact: false })).toBeVisible();
});
