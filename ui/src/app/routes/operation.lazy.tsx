import { createLazyRoute } from "@tanstack/react-router";
import { OperationDrawer } from "@/features/batches/OperationDrawer";

export const Route = createLazyRoute("/shell/batches/$batchId/operations/$operationId")({ component: OperationDrawer });
