import { createLazyRoute } from "@tanstack/react-router";
import { Page } from "@/components/Page";

export const Route = createLazyRoute("/shell/batches")({ component: () => <Page title="Batches">{null}</Page> });
