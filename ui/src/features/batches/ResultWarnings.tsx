import { List, Text } from "@mantine/core";
import type { OperationDetail } from "@/api/batches";
import { Notice } from "@/components/Notice";

/** What the kind says of a result that came, such as why it may be empty. */
export function warningsOf({ summary }: Pick<OperationDetail, "summary">): string[] {
  const warnings = summary?.warnings;
  return Array.isArray(warnings) ? warnings.filter((warning) => typeof warning === "string") : [];
}

/** "X; likely: a; or b." becomes X and its causes; any other sentence stays as it is. */
export function causesIn(warning: string): { title: string; causes: string[] } {
  const [title = warning, rest] = warning.split("; likely: ", 2);
  return { title, causes: rest === undefined ? [] : rest.replace(/\.$/, "").split("; or ") };
}

export function ResultWarnings({ warnings }: { warnings: readonly string[] }) {
  return warnings.map((warning) => {
    const { title, causes } = causesIn(warning);
    if (causes.length === 0) return <Notice key={warning} tone="partial">{warning}</Notice>;
    return (
      <Notice key={warning} tone="partial" title={title}>
        <Text>Likely, the likeliest first:</Text>
        <List size="sm" type="ordered">
          {causes.map((cause) => (
            <List.Item key={cause}>{cause.charAt(0).toUpperCase() + cause.slice(1)}.</List.Item>
          ))}
        </List>
      </Notice>
    );
  });
}
