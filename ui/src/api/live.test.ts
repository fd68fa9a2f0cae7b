import { describe, expect, it } from "vitest";
import type { Job, Operation, OperationList } from "./generated";
import { applyDelta, followsState, nextConnection, patchOperations, type Connection, type ConnectionEvent } from "./live";

const operation = (id: string, status: Operation["status"]) => ({ id, status }) as Operation;
const page = { items: [operation("a", "running"), operation("b", "pending")], total: 2, limit: 50, offset: 0 } as OperationList;

describe("a delta", () => {
  it("changes the named operations and leaves the others as they are", () => {
    const patched = patchOperations(page, [operation("b", "running"), operation("elsewhere", "failed")]);
    expect(patched.items.map(({ status }) => status)).toEqual(["running", "running"]);
    expect(patched.items[0]).toBe(page.items[0]);
  });

  it("keeps the page itself when nothing on it changed, so that nothing is drawn again", () => {
    expect(patchOperations(page, [operation("elsewhere", "failed")])).toBe(page);
  });

  it("moves the batch's status and progress", () => {
    const job = { name: "x", status: "queued", progress: { running_operations: 0 } } as Job;
    const progress = { running_operations: 5 } as Job["progress"];
    expect(applyDelta(job, { status: "running", progress, operations: [], truncated: false })).toEqual({ name: "x", status: "running", progress });
  });
});

it("reads only those lists again whose membership or order follows the state", () => {
  expect(followsState({})).toBe(false);
  expect(followsState({ sort: "-target_name" })).toBe(false);
  expect(followsState({ sort: "status" })).toBe(true);
  expect(followsState({ status: "failed" })).toBe(true);
});

describe("the connection", () => {
  const after = (...events: ConnectionEvent[]) => events.reduce<Connection>(nextConnection, "connecting");

  it("falls back to polling when cut and recovers with the next message", () => {
    expect(after("message", "cut")).toBe("polling");
    expect(after("message", "cut", "message")).toBe("live");
    expect(after("cut")).toBe("polling");
  });

  it("stays ended, whatever the closing socket still says, until the batch runs again", () => {
    expect(after("message", "end", "cut", "message")).toBe("ended");
    expect(after("message", "end", "reopen", "message")).toBe("live");
  });
});
