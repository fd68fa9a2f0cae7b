import { createLazyRoute } from "@tanstack/react-router";
import { ResultsPage } from "@/features/results/ResultsPage";

export const Route = createLazyRoute("/shell/batches/$batchId/results")({ component: ResultsPage });
