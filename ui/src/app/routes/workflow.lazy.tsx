import { createLazyRoute } from "@tanstack/react-router";
import { WorkflowPage } from "@/features/workflows/WorkflowPage";

export const Route = createLazyRoute("/shell/workflows/$workflowId")({ component: WorkflowPage });
