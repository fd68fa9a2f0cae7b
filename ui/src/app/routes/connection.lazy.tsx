import { createLazyRoute } from "@tanstack/react-router";
import { ConnectionPage } from "@/features/connections/ConnectionPage";

export const Route = createLazyRoute("/shell/connections/$connectionId")({ component: ConnectionPage });
