import { describe, expect, it } from "vitest";
import { csrfToken } from "./client";
import { Problem, toProblem } from "./problem";

const answer = (status: number) => new Response(null, { status });

describe("toProblem", () => {
  it("keeps the server's sentence, code and pointed errors", () => {
    const body = {
      status: 400,
      code: "bad_batch",
      title: "Bad batch",
      detail: "2 things must be put right.",
      instance: "abc",
      errors: [{ pointer: "/instance_ids/3", message: "Unknown instance." }, "junk"],
    };
    const problem = toProblem(body, answer(400));
    expect(problem).toMatchObject({ status: 400, code: "bad_batch", message: body.detail, reference: "abc" });
    expect(problem.errors).toEqual([{ pointer: "/instance_ids/3", message: "Unknown instance." }]);
  });

  it("says a plain sentence when the answer is no problem document", () => {
    const problem = toProblem("<html>502</html>", answer(502));
    expect(problem).toMatchObject({ status: 502, code: "http_502", title: "Server error" });
    expect(toProblem("", answer(404)).message).toContain("does not exist");
  });

  it("tells a lost connection from a slow server", () => {
    expect(toProblem(new TypeError("Failed to fetch"))).toMatchObject({ status: 0, code: "network" });
    expect(toProblem(new DOMException("slow", "TimeoutError"))).toMatchObject({ status: 0, code: "timeout" });
  });

  it("passes a problem through unchanged", () => {
    const problem = new Problem({ status: 409, code: "x", title: "X", detail: "No." });
    expect(toProblem(problem)).toBe(problem);
  });
});

describe("csrfToken", () => {
  it("reads its own cookie among others", () => {
    expect(csrfToken("a=1; fanfold_csrf=t%3D1; b=2")).toBe("t=1");
    expect(csrfToken("a=1; not_fanfold_csrf=2")).toBeUndefined();
  });
});
