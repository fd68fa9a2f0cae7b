import { ActionIcon, Button, Text, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { useMutation, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { getRouteApi, Link, Outlet, useNavigate } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { meQuery, signOut } from "@/api/session";
import { Icon, type IconName } from "@/components/Icon";
import classes from "./Shell.module.css";

const BatchExecutionDialog = lazy(async () => ({
  default: (await import("@/features/batch-execution/BatchExecutionDialog")).BatchExecutionDialog,
}));

const route = getRouteApi("/shell");

const places: { to: "/batches" | "/workflows" | "/library" | "/connections"; label: string; icon: IconName }[] = [
  { to: "/batches", label: "Batches", icon: "batches" },
  { to: "/workflows", label: "Workflows", icon: "code" },
  { to: "/library", label: "Library", icon: "book" },
  { to: "/connections", label: "Connections", icon: "plug" },
];

function SchemeToggle() {
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme("light");
  const other = scheme === "dark" ? "light" : "dark";
  return (
    <ActionIcon variant="subtle" color="gray" size={28} aria-label={`Use the ${other} theme`} onClick={() => setColorScheme(other)}>
      <Icon name={scheme === "dark" ? "sun" : "moon"} />
    </ActionIcon>
  );
}

function SignOutButton() {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const leave = useMutation({
    mutationFn: signOut,
    onSettled: async () => {
      queries.clear();
      await navigate({ to: "/sign-in" });
    },
  });
  return (
    <Button variant="subtle" color="gray" leftSection={<Icon name="signOut" />} loading={leave.isPending} onClick={() => leave.mutate()}>
      Sign out
    </Button>
  );
}

export function Shell() {
  const { data: user } = useSuspenseQuery(meQuery);
  const { run } = route.useSearch();
  return (
    <div className={classes.shell}>
      <a className={classes.skip} href="#main">
        Skip to the content
      </a>
      <header className={classes.header}>
        <Link to="/batches" className={classes.brand}>
          <img src="/ui/favicon.svg" alt="" width={24} height={24} />
          Fanfold
        </Link>
        <Text c="dimmed" className={classes.userName}>
          {user.display_name || user.username}
        </Text>
        <SchemeToggle />
        <SignOutButton />
      </header>
      <nav className={classes.nav} aria-label="Main">
        {places.map(({ to, label, icon }) => (
          <Link key={to} to={to} className={classes.link}>
            <Icon name={icon} />
            {label}
          </Link>
        ))}
      </nav>
      <main id="main" tabIndex={-1} className={classes.main}>
        <Outlet />
      </main>
      {run !== undefined && (
        <Suspense>
          <BatchExecutionDialog workflowId={run === "choose" ? undefined : run} />
        </Suspense>
      )}
    </div>
  );
}
