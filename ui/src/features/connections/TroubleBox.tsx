import { Stack, Text } from "@mantine/core";
import type { Trouble } from "@/api/connections";
import { CopyText } from "@/components/CopyText";
import { Notice } from "@/components/Notice";
import { causeWords } from "./health";

/** What does not work, why, and what to do about it. */
export function TroubleBox({ trouble, where }: { trouble: Trouble; where?: string }) {
  return (
    <Notice tone="failed" icon="cross" title={[where, causeWords[trouble.cause] ?? trouble.cause].filter(Boolean).join(": ")}>
      <Stack gap={4}>
        <Text>{trouble.message}</Text>
        {trouble.hint && (
          <Text>
            <strong>What to do:</strong> {trouble.hint}
          </Text>
        )}
        {trouble.request_id && (
          <Text size="xs">
            Amazon&apos;s request id <CopyText text={trouble.request_id} />
          </Text>
        )}
      </Stack>
    </Notice>
  );
}
