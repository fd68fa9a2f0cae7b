import type { QueryClient } from "@tanstack/react-query";
import { createRootRouteWithContext, createRoute, createRouter, Outlet, redirect } from "@tanstack/react-router";
import { toProblem } from "@/api/problem";
import { meQuery } from "@/api/session";
import { Failure } from "@/components/PageState";
import { batchListSearch, librarySearch, operationListSearch, pageOf, resultSearch, textOf, workflowListSearch } from "@/model/search";
import { NoSuchPage } from "./NoSuchPage";
import { Shell } from "./Shell";

const root = createRootRouteWithContext<{ queries: QueryClient }>()({
  component: Outlet,
  notFoundComponent: NoSuchPage,
  errorComponent: ({ error, reset }) => <Failure error={error} what="This page could not be shown" onRetry={reset} />,
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: (search: Record<string, unknown>): { code?: string; next?: string } => ({
    code: textOf(search, "code"),
    next: textOf(search, "next"),
  }),
}).lazy(async () => (await import("./routes/sign-in.lazy")).Route);

const shell = createRoute({
  getParentRoute: () => root,
  id: "shell",
  component: Shell,
  // The batch execution dialog opens over any page: `?run=choose`, or `?run=` and a workflow's id.
  validateSearch: (search: Record<string, unknown>): { run?: string } => ({ run: textOf(search, "run") }),
  beforeLoad: async ({ context, location }) => {
    try {
      await context.queries.query({ ...meQuery, staleTime: "static" });
    } catch (error) {
      if (toProblem(error).status !== 401) throw error;
      throw redirect({ to: "/sign-in", search: { next: location.href } });
    }
  },
});

const home = createRoute({
  getParentRoute: () => shell,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/batches" });
  },
});

const batches = createRoute({
  getParentRoute: () => shell,
  path: "/batches",
  validateSearch: batchListSearch,
}).lazy(async () => (await import("./routes/batches.lazy")).Route);

const batch = createRoute({
  getParentRoute: () => shell,
  path: "/batches/$batchId",
  validateSearch: operationListSearch,
}).lazy(async () => (await import("./routes/batch.lazy")).Route);

// The drawer of one operation lies over the list and has an address of its own.
const operation = createRoute({
  getParentRoute: () => batch,
  path: "/operations/$operationId",
}).lazy(async () => (await import("./routes/operation.lazy")).Route);

const results = createRoute({
  getParentRoute: () => shell,
  path: "/batches/$batchId/results",
  validateSearch: resultSearch,
}).lazy(async () => (await import("./routes/results.lazy")).Route);

const workflows = createRoute({
  getParentRoute: () => shell,
  path: "/workflows",
  validateSearch: workflowListSearch,
}).lazy(async () => (await import("./routes/workflows.lazy")).Route);

const workflow = createRoute({
  getParentRoute: () => shell,
  path: "/workflows/$workflowId",
}).lazy(async () => (await import("./routes/workflow.lazy")).Route);

const library = createRoute({
  getParentRoute: () => shell,
  path: "/library",
  validateSearch: librarySearch,
}).lazy(async () => (await import("./routes/library.lazy")).Route);

const libraryWorkflow = createRoute({
  getParentRoute: () => shell,
  path: "/library/$key",
}).lazy(async () => (await import("./routes/library-workflow.lazy")).Route);

const connections = createRoute({
  getParentRoute: () => shell,
  path: "/connections",
  validateSearch: (search: Record<string, unknown>): { page?: number } => ({ page: pageOf(search) }),
}).lazy(async () => (await import("./routes/connections.lazy")).Route);

const connection = createRoute({
  getParentRoute: () => shell,
  path: "/connections/$connectionId",
}).lazy(async () => (await import("./routes/connection.lazy")).Route);

const pages = [
  home, batches, batch.addChildren([operation]), results, workflows, workflow, library, libraryWorkflow, connections, connection,
] as const;
const tree = root.addChildren([signIn, shell.addChildren(pages)]);

export function createAppRouter(queries: QueryClient) {
  return createRouter({
    routeTree: tree,
    basepath: "/ui",
    context: { queries },
    defaultPreload: "intent",
    defaultPreloadStaleTime: 0,
    scrollRestoration: true,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
