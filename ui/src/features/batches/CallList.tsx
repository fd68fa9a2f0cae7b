import { Group, Stack, Text } from "@mantine/core";
import type { Call } from "@/api/batches";
import { CopyText } from "@/components/CopyText";
import { formatMoment, formatSpan, plural } from "@/model/wording";
import classes from "./CallList.module.css";

const isGood = ({ status }: Call): boolean => status !== null && status < 400;

function CallItem({ call }: { call: Call }) {
  return (
    <li className={classes.call}>
      <Group gap={8} wrap="nowrap" align="baseline">
        <span className={classes.method}>{call.method}</span>
        <span className={classes.path}>{call.path}</span>
        <span className={classes.status} data-tone={isGood(call) ? "succeeded" : "failed"}>
          {call.status ?? "no answer"}
        </span>
        <span className={classes.spent}>{formatSpan(call.duration_ms)}</span>
      </Group>
      <Group gap={8} className={classes.more}>
        <span title={formatMoment(call.at)}>{call.step.replaceAll("_", " ")}</span>
        {call.request_id && (
          <span>
            x-amz-rid <CopyText text={call.request_id} what={`the request id of call ${call.number}`} />
          </span>
        )}
      </Group>
      {call.error && (
        <Text size="xs" style={{ overflowWrap: "anywhere" }}>
          {call.error}
        </Text>
      )}
    </li>
  );
}

/** What an attempt asked the remote side, in order, with what its support needs to find each call. */
export function CallList({ calls }: { calls: readonly Call[] }) {
  if (calls.length === 0) return null;
  const last = calls.at(-1)?.number ?? 0;
  return (
    <details className={classes.calls}>
      <summary>
        {plural(calls.length, "call")}
        {calls.some((call) => !isGood(call)) && `, ${calls.filter((call) => !isGood(call)).length} without a good answer`}
      </summary>
      <Stack component="ol" gap={0} m={0} p={0} style={{ listStyle: "none" }}>
        {calls.map((call) => (
          <CallItem key={call.number} call={call} />
        ))}
      </Stack>
      {last > calls.length && (
        <Text size="xs" c="dimmed">
          There were {last}; some between the first and the latest are not kept.
        </Text>
      )}
    </details>
  );
}
