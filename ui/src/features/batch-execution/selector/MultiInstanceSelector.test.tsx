import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useReducer } from "react";
import { expect, it } from "vitest";
import { fakeApi, instanceRoutes } from "@/testing/fakeApi";
import { renderInApp } from "@/testing/render";
import { emptyDraft, reduceDraft } from "../draft";
import { MultiInstanceSelector } from "./MultiInstanceSelector";

function Selector({ errors = {} }: { errors?: Record<string, string> }) {
  const [draft, dispatch] = useReducer(reduceDraft, emptyDraft(""));
  return (
    <MultiInstanceSelector selected={draft.selected} errors={errors} onChoose={(ids) => dispatch({ type: "choose", ids })}
      onDrop={(ids) => dispatch({ type: "drop", ids })} onClear={() => dispatch({ type: "clear" })} />
  );
}

async function shown(count: number, errors?: Record<string, string>) {
  const asked = fakeApi(instanceRoutes(count));
  await renderInApp(<Selector errors={errors} />);
  const list = await screen.findByRole("listbox", { name: "Instances" });
  await within(list).findByText("Instance 0000");
  return { asked, list, user: userEvent.setup() };
}

it("draws only what is in view of 5,000 instances", async () => {
  const { list } = await shown(5_000);
  const options = within(list).getAllByRole("option");
  expect(options.length).toBeLessThan(30);
  expect(options[0]).toHaveAttribute("aria-setsize", "5000");
});

it("selects all 5,000 by one question to the server", async () => {
  const { asked, user } = await shown(5_000);
  const before = asked.length;
  await user.click(screen.getByRole("button", { name: "Select all 5,000" }));
  expect(await screen.findByText("5,000 instances selected")).toBeInTheDocument();
  expect(asked.slice(before).map(({ path }) => path)).toContain("/instances/ids");
  expect(asked.slice(before).filter(({ path }) => path === "/instances").length).toBe(0);
  expect(screen.getByRole("button", { name: /^\+[\d,]+ more$/ })).toBeInTheDocument();
});

it("searches on the server and selects what matches", async () => {
  const { asked, user } = await shown(30);
  await user.type(screen.getByRole("searchbox", { name: "Search instances" }), "002");
  await user.click(await screen.findByRole("button", { name: "Select all 11 matching" }));
  expect(await screen.findByText("11 instances selected")).toBeInTheDocument();
  expect(asked.some(({ path, query }) => path === "/instances" && query.get("q") === "002")).toBe(true);
});

it("is worked by keyboard alone: one tab stop, arrows move, space toggles", async () => {
  const { list, user } = await shown(30);
  list.focus();
  await user.keyboard("{ArrowDown}{ArrowDown} ");
  expect(screen.getByText("1 instance selected")).toBeInTheDocument();
  const chosen = within(list).getByRole("option", { selected: true });
  expect(chosen).toHaveTextContent("Instance 0002");
  expect(list).toHaveAttribute("aria-activedescendant", chosen.id);
  await user.keyboard("{Enter}");
  expect(screen.getByText("0 instances selected")).toBeInTheDocument();
});

it("shows region, brand and sandbox of each instance", async () => {
  const { list } = await shown(3);
  const [first, second] = within(list).getAllByRole("option");
  expect(first).toHaveTextContent("us-east-1");
  expect(first).toHaveTextContent("Acme");
  expect(first).not.toHaveTextContent("sandbox");
  expect(second).toHaveTextContent("sandbox");
});

it("removes by pill, lists only the selected, and clears", async () => {
  const { user } = await shown(10);
  await user.click(screen.getByRole("button", { name: "Select all 10" }));
  await user.click(await screen.findByRole("button", { name: "Remove Instance 0000" }));
  expect(screen.getByText("9 instances selected")).toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Show selected" }));
  const list = await screen.findByRole("listbox", { name: "Selected instances" });
  expect(within(list).getAllByRole("option")[0]).toHaveAttribute("aria-setsize", "9");
  await user.click(screen.getByRole("button", { name: "Clear selection" }));
  expect(screen.getByText("0 instances selected")).toBeInTheDocument();
});

it("shows what the server refused at the very instance", async () => {
  const { list } = await shown(5, { "id-2": "Not yours." });
  expect(within(list).getAllByRole("option")[2]).toHaveTextContent("Not yours.");
});
