import { Button, Skeleton, Stack, Text } from "@mantine/core";
import { useEffect, useState, type ReactNode } from "react";
import { toProblem } from "@/api/problem";
import { Notice } from "./Notice";

/** The page's final shape in grey; nothing for the first 150 ms, so that a fast answer does not flash. */
export function Loading({ rows = 6, label }: { rows?: number; label: string }) {
  const [shown, show] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => show(true), 150);
    return () => clearTimeout(timer);
  }, []);
  return (
    <Stack gap={8} role="status" aria-label={label} style={{ visibility: shown ? "visible" : "hidden" }}>
      {Array.from({ length: rows }, (_, row) => (
        <Skeleton key={row} height={28} />
      ))}
    </Stack>
  );
}

interface EmptyProps {
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}

/** Why there is nothing, and what to do next. */
export function Empty({ title, children, action }: EmptyProps) {
  return (
    <Stack align="center" gap={8} py={48} px={16} ta="center">
      <Text fw={600} size="md">
        {title}
      </Text>
      {children !== undefined && (
        <Text c="dimmed" maw={520} component="div">
          {children}
        </Text>
      )}
      {action}
    </Stack>
  );
}

interface FailureProps {
  error: unknown;
  /** What could not be done: "The batches could not be loaded". */
  what: string;
  onRetry?: () => void;
}

export function Failure({ error, what, onRetry }: FailureProps) {
  const problem = toProblem(error);
  return (
    <Notice tone="failed" title={what} urgent>
      <Stack gap={8} align="flex-start">
        <Text>{problem.message}</Text>
        {problem.reference !== undefined && (
          <Text c="dimmed" size="xs">
            Reference: <span className="ff-mono">{problem.reference}</span>
          </Text>
        )}
        {onRetry && (
          <Button variant="default" onClick={onRetry}>
            Try again
          </Button>
        )}
      </Stack>
    </Notice>
  );
}
