import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import type { LibraryWorkflow } from "@/api/library";
import { fakeApi, Refusal } from "@/testing/fakeApi";
import { renderInApp } from "@/testing/render";
import { AddButton, AddTrouble, AlreadyAdded, useAddCopy } from "./AddToWorkflows";
import { byTheme, themeTitle } from "./themes";

const workflow: LibraryWorkflow = {
  key: "reach", name: "Reach", theme: "reach", description: "", parameters: [], tables: [], columns: [], tags: [], copies: [], sql_query: "SELECT 1",
};

function Adding() {
  const adding = useAddCopy(workflow);
  return (
    <>
      <AddButton adding={adding} />
      <AddTrouble workflow={workflow} adding={adding} />
      {adding.data && <output>{adding.data.key}</output>}
    </>
  );
}

it("asks for another key where the user's own is taken, and adds under that", async () => {
  const asked = fakeApi({
    "POST /workflows/library/reach/copy": ({ body }) =>
      (body as { key?: string }).key === undefined
        ? new Refusal(409, { code: "workflow_key_taken", detail: "You have a workflow reach already." })
        : { ...workflow, id: "w1", key: (body as { key: string }).key, parameters: [] },
  });
  await renderInApp(<Adding />);
  await userEvent.click(screen.getByRole("button", { name: "Add to my workflows" }));
  const key = await screen.findByLabelText(/Key of your copy/);
  await userEvent.clear(key);
  await userEvent.type(key, "reach-of-mine");
  await userEvent.click(screen.getByRole("button", { name: "Add under this key" }));
  expect(await screen.findByText("reach-of-mine", { selector: "output" })).toBeVisible();
  expect(asked.map(({ body }) => body)).toEqual([{}, { key: "reach-of-mine" }]);
});

it("says what went wrong when it was not added", async () => {
  fakeApi({ "POST /workflows/library/reach/copy": () => new Refusal(503, { detail: "The database is away." }) });
  await renderInApp(<Adding />);
  await userEvent.click(screen.getByRole("button", { name: "Add to my workflows" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("The database is away.");
  expect(screen.queryByLabelText(/Key of your copy/)).toBeNull();
});

it("leads to every copy that the user has", async () => {
  const copies = [{ id: "w1", key: "reach", name: "Reach" }, { id: "w2", key: "reach-2", name: "Reach again" }];
  await renderInApp(<AlreadyAdded copies={copies} />);
  expect(screen.getByText("In your workflows as 2 copies")).toBeVisible();
  expect(screen.getByRole("link", { name: "Reach again reach-2" })).toHaveAttribute("href", "/workflows/w2");
});

it("keeps themes together in the server's order and names those it does not know", () => {
  const entries = [{ theme: "reach" }, { theme: "cost" }, { theme: "reach" }];
  expect(byTheme(entries).map(([theme, of]) => [theme, of.length])).toEqual([["reach", 2], ["cost", 1]]);
  expect(themeTitle("deep_sea")).toBe("Deep sea");
});
