import { expect, it } from "vitest";
import { batchLook, canCancel, isFinished, operationLook } from "./status";

it("shows a waiting retry as retrying, not as pending", () => {
  expect(operationLook("pending", "retry")).toEqual({ word: "Retrying", tone: "retrying" });
  expect(operationLook("pending", "slot").word).toBe("Pending");
});

it("names partial success alike in both contracts", () => {
  expect(batchLook("partial_success")).toEqual(batchLook("partial"));
});

it("does not break on a state of a newer server", () => {
  expect(batchLook("on_hold").word).toBe("on hold");
});

it("offers cancel only while it can do something", () => {
  expect(["queued", "running", "paused"].every(canCancel)).toBe(true);
  expect(["cancelling", "completed", "partial_success", "failed", "cancelled"].some(canCancel)).toBe(false);
  expect(isFinished("cancelling")).toBe(false);
});
