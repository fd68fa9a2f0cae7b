import { Stack, Text } from "@mantine/core";
import type { Operation } from "@/api/batches";
import { Notice } from "@/components/Notice";

export function OperationErrorBox({ error }: { error: NonNullable<Operation["error"]> }) {
  return (
    <Notice tone="failed" icon="cross" title={error.class}>
      <Stack gap={4}>
        <Text style={{ overflowWrap: "anywhere" }}>{error.message}</Text>
        {error.hint && (
          <Text>
            <strong>What to do:</strong> {error.hint}
          </Text>
        )}
        {error.fingerprint && (
          <Text size="xs" c="dimmed">
            Fingerprint <span className="ff-mono">{error.fingerprint}</span>
          </Text>
        )}
      </Stack>
    </Notice>
  );
}
