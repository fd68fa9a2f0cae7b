import { queryOptions } from "@tanstack/react-query";
import { getMe, login, logout, signInByLink } from "./generated";
import type { User } from "./generated";

export type { User };

export const meQuery = queryOptions({
  queryKey: ["session", "me"],
  queryFn: async ({ signal }) => (await getMe({ signal, throwOnError: true })).data,
  staleTime: 5 * 60_000,
  retry: false,
});

export async function signIn(credentials: { username: string; password: string }): Promise<User> {
  return (await login({ body: credentials, throwOnError: true })).data.user;
}

export async function signInWithCode(code: string): Promise<User> {
  return (await signInByLink({ body: { code }, throwOnError: true })).data.user;
}

export async function signOut(): Promise<void> {
  await logout({ throwOnError: true });
}
