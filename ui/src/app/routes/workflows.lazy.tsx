import { createLazyRoute } from "@tanstack/react-router";
import { Page } from "@/components/Page";

export const Route = createLazyRoute("/shell/workflows")({ component: () => <Page title="Workflows">{null}</Page> });
