import { createLazyRoute } from "@tanstack/react-router";
import { WorkflowsPage } from "@/features/workflows/WorkflowsPage";

export const Route = createLazyRoute("/shell/workflows")({ component: WorkflowsPage });
