/** The server's side of a component test: answers `fetch` from memory and remembers what was asked. */
import { vi } from "vitest";
import { configureClient } from "@/api/client";
import type { Instance } from "@/api/instances";

export interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  body: unknown;
}

type Answer = (asked: Asked) => unknown;

/** An answer that is a refusal. */
export class Refusal {
  constructor(
    readonly status: number,
    readonly body: object,
  ) {}
}

const json = (status: number, body: unknown, type = "application/json") =>
  new Response(JSON.stringify(body), { status, headers: { "Content-Type": type } });

/** Routes are `"GET /instances"`; what is not routed is answered 404. */
export function fakeApi(routes: Record<string, Answer>): Asked[] {
  const log: Asked[] = [];
  const answer = async (request: Request): Promise<Response> => {
    const url = new URL(request.url);
    const text = await request.text();
    const asked = { method: request.method, path: url.pathname, query: url.searchParams, body: text === "" ? undefined : (JSON.parse(text) as unknown) };
    log.push(asked);
    const given = routes[`${asked.method} ${asked.path}`]?.(asked);
    if (given === undefined) return json(404, { detail: `no route for ${asked.method} ${asked.path}` });
    if (given instanceof Refusal) return json(given.status, given.body, "application/problem+json");
    return json(200, given);
  };
  vi.stubGlobal("fetch", answer);
  configureClient();
  return log;
}

const instance = (index: number): Instance => ({
  id: `id-${index}`,
  instance_id: `amc${index}`,
  name: `Instance ${String(index).padStart(4, "0")}`,
  region: index % 2 === 0 ? "us-east-1" : "eu-west-1",
  account_id: "ENTITY1",
  account_name: "Account One",
  marketplace_id: "M1",
  brands: index % 3 === 0 ? ["Acme"] : ["Globex"],
  sandbox: index === 1,
  tags: [],
  connection_id: "c1",
  max_parallel: null,
  quiet_hours: [],
  health: {
    breaker: "closed",
    failing_since: null,
    next_probe_at: null,
    failure_count: 0,
    last_error: null,
    blocked_until: null,
    quiet_until: null,
    running: 0,
  },
  created_at: "2026-11-01T00:00:00Z",
  updated_at: "2026-11-01T00:00:00Z",
});

/** As many instances as wanted, searched by name and region as the server does. */
export function instanceRoutes(count: number): Record<string, Answer> {
  const all = Array.from({ length: count }, (_, index) => instance(index));
  const matching = ({ query }: Asked) =>
    all.filter(
      (item) =>
        item.name.toLowerCase().includes((query.get("q") ?? "").toLowerCase()) &&
        (query.get("region") ?? item.region) === item.region,
    );
  return {
    "GET /instances": (asked) => {
      const [limit, offset] = [Number(asked.query.get("limit")), Number(asked.query.get("offset"))];
      const found = matching(asked);
      return {
        items: found.slice(offset, offset + limit),
        total: found.length,
        limit,
        offset,
        facets: { regions: [{ value: "us-east-1", count: 1 }], brands: [], accounts: [], tags: [] },
      };
    },
    "GET /instances/ids": (asked) => ({ ids: matching(asked).map(({ id }) => id), total: matching(asked).length }),
    "POST /instances/lookup": ({ body }) => {
      const { ids } = body as { ids: string[] };
      return { items: all.filter(({ id }) => ids.includes(id)) };
    },
  };
}
