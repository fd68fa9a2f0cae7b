import { createLazyRoute } from "@tanstack/react-router";
import { LibraryPage } from "@/features/library/LibraryPage";

export const Route = createLazyRoute("/shell/library")({ component: LibraryPage });
