import { createLazyRoute } from "@tanstack/react-router";
import { LibraryWorkflowPage } from "@/features/library/LibraryWorkflowPage";

export const Route = createLazyRoute("/shell/library/$key")({ component: LibraryWorkflowPage });
