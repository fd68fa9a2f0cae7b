import { createLazyRoute } from "@tanstack/react-router";
import { SignInPage } from "@/features/session/SignInPage";

export const Route = createLazyRoute("/sign-in")({ component: SignInPage });
