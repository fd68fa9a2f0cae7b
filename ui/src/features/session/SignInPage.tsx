import { Anchor, Button, Paper, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useRouter } from "@tanstack/react-router";
import { useEffect, useRef, useState, type SyntheticEvent } from "react";
import { toProblem } from "@/api/problem";
import { meQuery, signIn, signInWithCode, type User } from "@/api/session";
import { Notice } from "@/components/Notice";

const route = getRouteApi("/sign-in");

/** Goes where the visitor wanted to go; the one-time code leaves the address and the history. */
function useEntrance() {
  const { next } = route.useSearch();
  const router = useRouter();
  const queries = useQueryClient();
  return async (user: User) => {
    queries.setQueryData(meQuery.queryKey, user);
    await router.navigate({ href: next ?? "/batches", replace: true });
  };
}

function CodeEntrance({ code }: { code: string }) {
  const enter = useEntrance();
  const spent = useRef<string>(undefined);
  const { mutate, error } = useMutation({ mutationFn: signInWithCode, onSuccess: enter });
  useEffect(() => {
    // The code works once: React's strict mode runs effects twice.
    if (spent.current === code) return;
    spent.current = code;
    mutate(code);
  }, [code, mutate]);
  if (error === null) return <Text role="status">Signing in by your link…</Text>;
  return (
    <Stack gap={12}>
      <Notice tone="failed" title="This link does not work" urgent>
        {toProblem(error).message}
      </Notice>
      <Anchor href="/ui/sign-in">Sign in with a password instead</Anchor>
    </Stack>
  );
}

function PasswordEntrance() {
  const enter = useEntrance();
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const attempt = useMutation({
    mutationFn: signIn,
    onSuccess: enter,
    onError: () => setPassword(""),
  });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    attempt.mutate({ username, password });
  };
  return (
    <form onSubmit={submit}>
      <Stack gap={12}>
        {attempt.error && (
          <Notice tone="failed" urgent>
            {toProblem(attempt.error).message}
          </Notice>
        )}
        <TextInput label="User name" name="username" autoComplete="username" required autoFocus
          value={username} onChange={(event) => setUsername(event.currentTarget.value)} />
        <PasswordInput label="Password" name="password" autoComplete="current-password" required
          value={password} onChange={(event) => setPassword(event.currentTarget.value)} />
        <Button type="submit" size="sm" loading={attempt.isPending}>
          Sign in
        </Button>
      </Stack>
    </form>
  );
}

export function SignInPage() {
  useDocumentTitle("Sign in · Fanfold");
  const { code } = route.useSearch();
  return (
    <Stack component="main" align="center" justify="center" mih="100vh" p={16}>
      <Paper withBorder p={24} w="100%" maw={360}>
        <Stack gap={16}>
          <div>
            <Title order={1}>Sign in to Fanfold</Title>
            <Text c="dimmed">One piece of work across many targets, and one answer back.</Text>
          </div>
          {code === undefined ? <PasswordEntrance /> : <CodeEntrance code={code} />}
        </Stack>
      </Paper>
    </Stack>
  );
}
