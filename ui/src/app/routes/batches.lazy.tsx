import { createLazyRoute } from "@tanstack/react-router";
import { BatchesPage } from "@/features/batches/BatchesPage";

export const Route = createLazyRoute("/shell/batches")({ component: BatchesPage });
