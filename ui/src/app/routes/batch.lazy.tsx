import { createLazyRoute, Outlet } from "@tanstack/react-router";
import { BatchPage } from "@/features/batches/BatchPage";

export const Route = createLazyRoute("/shell/batches/$batchId")({
  component: () => (
    <>
      <BatchPage />
      <Outlet />
    </>
  ),
});
