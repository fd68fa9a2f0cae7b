import { queryOptions } from "@tanstack/react-query";
import { getMe, signIn as postSignIn, signInByLink, signOut as postSignOut } from "./generated";
import type { UserView as User } from "./generated";

export type { User };

export const meQuery = queryOptions({
  queryKey: ["session", "me"],
  queryFn: async ({ signal }) => (await getMe({ signal, throwOnError: true })).data,
  staleTime: 5 * 60_000,
  retry: false,
});

export async function signIn(credentials: { username: string; password: string }): Promise<User> {
  return (await postSignIn({ body: credentials, throwOnError: true })).data.user;
}

export async function signInWithCode(code: string): Promise<User> {
  return (await signInByLink({ body: { code }, throwOnError: true })).data.user;
}

export async function signOut(): Promise<void> {
  await postSignOut({ throwOnError: true });
}
