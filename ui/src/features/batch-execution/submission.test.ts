import { describe, expect, it } from "vitest";
import { Problem } from "@/api/problem";
import type { Parameter } from "@/api/workflows";
import { emptyDraft, type Draft } from "./draft";
import { checkDraft, countErrors, mapProblem, toSubmission } from "./submission";

const parameter = (name: string, data_type: string, more: Partial<Parameter> = {}): Parameter => ({
  name,
  data_type,
  required: false,
  default: null,
  description: "",
  ...more,
});
const parameters = [
  parameter("min_impressions", "INTEGER", { required: true }),
  parameter("campaigns", "ARRAY<STRING>"),
  parameter("ids", "ARRAY<INTEGER>"),
  parameter("exact", "BOOLEAN", { default: false }),
];
const draft = (more: Partial<Draft>): Draft => ({ ...emptyDraft("Weekly"), selected: new Set(["a", "b"]), ...more });

describe("the request", () => {
  it("holds typed values, shared and overridden, and nothing that is blank", () => {
    const body = toSubmission(
      draft({
        values: { min_impressions: "2", campaigns: "x, y\nz", exact: "" },
        overrides: { a: { min_impressions: "5", exact: "true" } },
      }),
      parameters,
    );
    expect(body).toEqual({
      instance_ids: ["a", "b"],
      parameters: { min_impressions: 2, campaigns: ["x", "y", "z"] },
      instance_parameters: { a: { min_impressions: 5, exact: true } },
      name: "Weekly",
      description: undefined,
    });
  });

  it("leaves out overrides of instances that are not chosen any more", () => {
    const body = toSubmission(draft({ overrides: { gone: { min_impressions: "5" } } }), parameters);
    expect(body.instance_parameters).toEqual({});
  });

  it("carries an explicit time window with seconds, and lets an instance differ", () => {
    const body = toSubmission(
      draft({
        values: { timeWindowType: "EXPLICIT", startDate: "2026-11-01T00:00", endDate: "2026-11-02T12:30", timeZone: "Europe/Berlin" },
        overrides: { b: { startDate: "2026-10-01T00:00" } },
      }),
      [],
    );
    expect(body.parameters).toEqual({ startDate: "2026-11-01T00:00:00", endDate: "2026-11-02T12:30:00", timeZone: "Europe/Berlin" });
    expect(body.instance_parameters).toEqual({ b: { startDate: "2026-10-01T00:00:00" } });
  });

  it("names a relative window and drops bounds typed before", () => {
    const body = toSubmission(draft({ values: { timeWindowType: "PREVIOUS_MONTH", startDate: "2026-11-01" } }), []);
    expect(body.parameters).toEqual({ timeWindowType: "PREVIOUS_MONTH" });
  });

  it("does not round whole numbers beyond 2^53", () => {
    const body = toSubmission(draft({ values: { min_impressions: "9007199254740993" } }), parameters);
    expect(body.parameters).toEqual({ min_impressions: "9007199254740993" });
  });
});

describe("the check before the server", () => {
  it("finds the empty selection, the missing and the mistyped parameter, and the bad override", () => {
    const errors = checkDraft(
      draft({ selected: new Set(["a"]), values: { ids: "1, two" }, overrides: { a: { exact: "perhaps" } } }),
      parameters,
    );
    expect(errors.parameters).toEqual({ min_impressions: "This parameter is required.", ids: "“two”: Enter a whole number." });
    expect(errors.overrides).toEqual({ a: { exact: "Choose true or false." } });
    expect(checkDraft(draft({ selected: new Set() }), []).selection).toHaveLength(1);
    expect(countErrors(errors)).toBe(3);
  });

  it("accepts a required parameter that every instance overrides", () => {
    const overrides = { a: { min_impressions: "1" }, b: { min_impressions: "2" } };
    expect(countErrors(checkDraft(draft({ overrides }), parameters))).toBe(0);
    expect(countErrors(checkDraft(draft({ overrides: { a: { min_impressions: "1" } } }), parameters))).toBe(1);
  });

  it.each([
    [{ startDate: "2026-11-02", endDate: "2026-11-01" }, { endDate: "The end lies before the start." }],
    [{ startDate: "2026-11-01", endDate: "2026-11-01" }, {}],
    [{ startDate: "2026-11-01T00:00", endDate: "2026-11-01T00:00" }, { endDate: "The end lies before the start." }],
    [{ startDate: "2026-11-01", endDate: "2026-11-01T00:00" }, { endDate: "Both ends must be days, or both exact times." }],
    [{ startDate: "", endDate: "" }, { startDate: "Choose the first day.", endDate: "Choose the last day." }],
  ])("checks the window %o", (bounds, expected) => {
    expect(checkDraft(draft({ values: { timeWindowType: "EXPLICIT", ...bounds } }), []).parameters).toEqual(expected);
  });

  it("knows time zones", () => {
    expect(checkDraft(draft({ values: { timeZone: "Mars/Base" } }), []).parameters).toHaveProperty("timeZone");
    expect(checkDraft(draft({ values: { timeZone: "America/New_York" } }), []).parameters).toEqual({});
  });
});

describe("the server's refusal", () => {
  const refusal = (...errors: { pointer: string; message: string }[]) =>
    new Problem({ status: 400, code: "bad_batch", title: "Bad", detail: "Put it right.", errors });

  it("goes to the instance, the parameter, the override and the name that it names", () => {
    const mapped = mapProblem(
      refusal(
        { pointer: "/instance_ids/1", message: "Unknown instance." },
        { pointer: "/instance_ids", message: "Too many." },
        { pointer: "/parameters/min_impressions", message: "Too small." },
        { pointer: "/instance_parameters/a/with~1slash", message: "Not declared." },
        { pointer: "/name", message: "Too long." },
        { pointer: "", message: "Eleven batches are unfinished." },
      ),
      toSubmission(draft({}), parameters),
    );
    expect(mapped).toEqual({
      instances: { b: "Unknown instance." },
      selection: ["Too many."],
      parameters: { min_impressions: "Too small." },
      overrides: { a: { "with/slash": "Not declared." } },
      name: "Too long.",
      general: ["Eleven batches are unfinished."],
    });
  });

  it("is shown as a whole when it points nowhere", () => {
    expect(mapProblem(refusal(), toSubmission(draft({}), [])).general).toEqual(["Put it right."]);
  });
});
