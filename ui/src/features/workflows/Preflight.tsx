import { Text, Title } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import type { Finding } from "@/api/checks";
import { Icon } from "@/components/Icon";
import { Failure, Loading } from "@/components/PageState";
import { Findings } from "./Findings";

interface PreflightProps {
  check: UseQueryResult<{ ok: boolean; findings: Finding[] }>;
  onShow: (line: number) => void;
}

/** The pre-flight check of the text, beside it. */
export function Preflight({ check: { data, error, refetch }, onShow }: PreflightProps) {
  return (
    <section aria-labelledby="preflight">
      <Title order={2} id="preflight" mb={4}>
        Pre-flight check
      </Title>
      {error && <Failure error={error} what="The query could not be checked" onRetry={() => void refetch()} />}
      {!data && !error && <Loading rows={2} label="Checking the query" />}
      {data?.findings.length === 0 && (
        <Text data-tone="succeeded" style={{ display: "flex", alignItems: "center", gap: 6, color: "var(--tone-text)" }}>
          <Icon name="check" size={14} /> Nothing to say against this query.
        </Text>
      )}
      {data && data.findings.length > 0 && <Findings label="Findings" findings={data.findings} onShow={onShow} />}
    </section>
  );
}
