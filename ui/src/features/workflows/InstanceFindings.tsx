import { Group, List, Stack, Text, Title } from "@mantine/core";
import type { InstanceCheck } from "@/api/checks";
import { Notice } from "@/components/Notice";
import { StatusPill } from "@/components/StatusPill";
import { plural } from "@/model/wording";
import { Findings } from "./Findings";

const fitLook = { word: "Can run", tone: "succeeded" } as const;
const unfitLook = { word: "Cannot run", tone: "failed" } as const;

/** What speaks against running the query, instance by instance. */
export function InstanceFindings({ report, onShow }: { report: InstanceCheck; onShow?: (line: number) => void }) {
  const unfit = report.instances.filter(({ ok }) => !ok).length;
  return (
    <section aria-labelledby="instance-findings">
      <Title order={3} id="instance-findings" mb={4}>
        What the check found
      </Title>
      <Stack gap={8}>
        {report.problems.length > 0 && (
          <Notice tone="failed" title="The instances were not asked">
            <List size="sm">
              {report.problems.map(({ pointer, message }) => (
                <List.Item key={pointer + message}>{message}</List.Item>
              ))}
            </List>
          </Notice>
        )}
        {report.instances.length > 0 && (
          <Text role="status">
            {unfit === 0 ? `It can run on all ${plural(report.instances.length, "instance")}.` : `It cannot run on ${unfit} of ${plural(report.instances.length, "instance")}.`}
          </Text>
        )}
        {report.instances.map((instance) => (
          <div key={instance.id ?? instance.name}>
            <Group gap={8} mb={instance.findings.length > 0 ? 4 : 0}>
              <StatusPill look={instance.ok ? fitLook : unfitLook} />
              <Text fw={600}>{instance.name}</Text>
            </Group>
            {instance.findings.length > 0 && <Findings label={`Findings on ${instance.name}`} findings={instance.findings} onShow={onShow} />}
          </div>
        ))}
      </Stack>
    </section>
  );
}
