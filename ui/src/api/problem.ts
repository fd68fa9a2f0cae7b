/** What went wrong with a request, in the server's words where it has some (RFC 9457). */

export interface PointedError {
  /** JSON pointer into the request's body, for example `/instance_ids/3`. */
  pointer: string;
  message: string;
}

interface ProblemParts {
  status: number;
  code: string;
  title: string;
  detail: string;
  errors?: PointedError[];
  instance?: string;
}

export class Problem extends Error {
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly errors: PointedError[];
  /** What to quote to whoever runs the server. */
  readonly reference: string | undefined;

  constructor(parts: ProblemParts) {
    super(parts.detail);
    this.name = "Problem";
    this.status = parts.status;
    this.code = parts.code;
    this.title = parts.title;
    this.errors = parts.errors ?? [];
    this.reference = parts.instance;
  }
}

const plainSentences: Record<number, [title: string, detail: string]> = {
  400: ["Request refused", "The server could not accept this request."],
  401: ["Signed out", "Your session has ended. Sign in again."],
  403: ["Not allowed", "You do not have permission to do this."],
  404: ["Not found", "This does not exist, or it belongs to someone else."],
  409: ["Not possible now", "The current state does not allow this."],
  413: ["Too large", "The request is larger than the server accepts."],
  429: ["Too many requests", "Wait a moment, then try again."],
  503: ["Unavailable", "The server is not ready. Try again in a moment."],
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

const text = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;

function pointedErrors(value: unknown): PointedError[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isRecord).map((item) => ({
    pointer: text(item.pointer) ?? "",
    message: text(item.message) ?? "Not accepted.",
  }));
}

/** Turns whatever a request threw into one `Problem`; `response` is absent when none came. */
export function toProblem(error: unknown, response?: Response): Problem {
  if (error instanceof Problem) return error;
  if (response === undefined) {
    const timedOut = error instanceof DOMException && error.name === "TimeoutError";
    return new Problem(
      timedOut
        ? { status: 0, code: "timeout", title: "No answer", detail: "The server did not answer in time. Try again." }
        : { status: 0, code: "network", title: "No connection", detail: "The server cannot be reached. Check your connection." },
    );
  }
  const body = isRecord(error) ? error : {};
  const [title, detail] = plainSentences[response.status] ?? [
    "Server error",
    "Something went wrong on the server. Try again later.",
  ];
  return new Problem({
    status: response.status,
    code: text(body.code) ?? `http_${response.status}`,
    title: text(body.title) ?? title,
    detail: text(body.detail) ?? detail,
    errors: pointedErrors(body.errors),
    instance: text(body.instance),
  });
}
