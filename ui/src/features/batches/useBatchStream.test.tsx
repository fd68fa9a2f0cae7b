import { act, renderHook } from "@testing-library/react";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { batchQuery, operationsQuery, type Job, type OperationList } from "@/api/batches";
import { useBatchStream } from "./useBatchStream";

/** The browser's side of the stream, worked by hand. */
class FakeEventSource extends EventTarget {
  static readonly CLOSED = 2;
  static opened: FakeEventSource[] = [];
  readyState = 0;
  onerror: (() => void) | null = null;

  constructor(readonly url: string) {
    super();
    FakeEventSource.opened.push(this);
  }

  close() {
    this.readyState = FakeEventSource.CLOSED;
  }

  say(name: string, content: unknown) {
    act(() => {
      this.dispatchEvent(new MessageEvent(name, { data: JSON.stringify(content) }));
    });
  }

  cut(forGood: boolean) {
    this.readyState = forGood ? FakeEventSource.CLOSED : 0;
    act(() => this.onerror?.());
  }
}

const job = (status: string, completed: number) => ({ status, progress: { completed_operations: completed } }) as Job;
const page = { items: [{ id: "o1", status: "running" }], total: 1, limit: 50, offset: 0 } as OperationList;
const key = operationsQuery("b1", { limit: 50, offset: 0 }).queryKey;

function opened() {
  const queries = new QueryClient();
  queries.setQueryData(key, page);
  const wrapper = ({ children }: { children: ReactNode }) => <QueryClientProvider client={queries}>{children}</QueryClientProvider>;
  const hook = renderHook(({ active }) => useBatchStream("b1", active), { wrapper, initialProps: { active: true } });
  const source = () => {
    const latest = FakeEventSource.opened.at(-1);
    if (latest === undefined) throw new Error("no stream was opened");
    return latest;
  };
  return { queries, hook, source };
}

const advance = (milliseconds: number) => {
  act(() => {
    vi.advanceTimersByTime(milliseconds);
  });
};

beforeEach(() => {
  FakeEventSource.opened = [];
  vi.useFakeTimers();
  vi.stubGlobal("EventSource", FakeEventSource);
});
afterEach(() => vi.useRealTimers());

it("writes snapshot and deltas into what the page reads", () => {
  const { queries, hook, source } = opened();
  source().say("snapshot", { job: job("running", 0), operations: [] });
  expect(hook.result.current).toBe("live");
  source().say("delta", { status: "running", progress: { completed_operations: 1 }, operations: [{ id: "o1", status: "completed" }], truncated: false });
  expect(queries.getQueryData(batchQuery("b1").queryKey)).toEqual(job("running", 1));
  expect(queries.getQueryData(key)?.items[0]?.status).toBe("completed");
});

it("says that it polls while the stream is cut, and recovers when the browser reconnects", () => {
  const { hook, source } = opened();
  source().say("snapshot", { job: job("running", 0), operations: [] });
  source().cut(false);
  expect(hook.result.current).toBe("polling");
  expect(FakeEventSource.opened).toHaveLength(1);
  source().say("snapshot", { job: job("running", 3), operations: [] });
  expect(hook.result.current).toBe("live");
});

it("opens a new stream ten seconds after the server refused one", () => {
  const { hook, source } = opened();
  source().cut(true);
  expect(hook.result.current).toBe("polling");
  advance(9_999);
  expect(FakeEventSource.opened).toHaveLength(1);
  advance(1);
  expect(FakeEventSource.opened).toHaveLength(2);
  source().say("snapshot", { job: job("running", 0), operations: [] });
  expect(hook.result.current).toBe("live");
});

it("closes the stream at the end and with its page, and leaves no timer behind", () => {
  const { hook, source } = opened();
  source().say("end", { status: "completed" });
  expect(hook.result.current).toBe("ended");
  expect(source().readyState).toBe(FakeEventSource.CLOSED);

  hook.rerender({ active: false });
  hook.rerender({ active: true });
  source().cut(true);
  hook.unmount();
  advance(60_000);
  expect(FakeEventSource.opened).toHaveLength(2);
});
