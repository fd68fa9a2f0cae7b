import { List, Stack, Table, Text, Textarea, TextInput, Title } from "@mantine/core";
import { useState } from "react";
import type { Finding, Preview, PreviewInstance } from "@/api/workflows";
import { Notice } from "@/components/Notice";
import { Pager } from "@/components/Pager";
import { Loading } from "@/components/PageState";
import { plural } from "@/model/wording";
import type { Draft } from "./draft";
import { ErrorList, type Place } from "./ErrorList";
import classes from "./ReviewStep.module.css";
import type { DraftErrors } from "./submission";

const pageSize = 50;

function Findings({ findings }: { findings: Finding[] }) {
  if (findings.length === 0) return null;
  return (
    <Notice tone="paused" title="About the SQL">
      <List size="sm">
        {findings.map((finding) => (
          <List.Item key={`${finding.rule}${finding.line}`}>
            {finding.line != null && `Line ${finding.line}: `}
            {finding.message} {finding.fix}
          </List.Item>
        ))}
      </List>
    </Notice>
  );
}

function Merged({ instance }: { instance: PreviewInstance }) {
  const names = Object.keys(instance.parameters).sort();
  if (names.length === 0) return <Text c="dimmed">no parameters</Text>;
  return names.map((name) => (
    <span key={name} className={classes.parameter} data-overridden={instance.overridden.includes(name) || undefined}>
      {name}={JSON.stringify(instance.parameters[name])}
      {instance.overridden.includes(name) && <span className="ff-sr-only"> (override)</span>}
    </span>
  ));
}

function PreviewTable({ preview }: { preview: Preview }) {
  const [page, setPage] = useState(1);
  const shown = preview.instances.slice((page - 1) * pageSize, page * pageSize);
  return (
    <Stack gap={8}>
      <div className={classes.scroll} tabIndex={0} role="region" aria-label="What each instance will run with">
        <Table verticalSpacing={4} horizontalSpacing={8} aria-label="What each instance will run with">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Instance</Table.Th>
              <Table.Th>Runs with</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {shown.map((instance) => (
              <Table.Tr key={instance.instance_id}>
                <Table.Td>
                  {instance.name}
                  <Text size="xs" c="dimmed">
                    {instance.region}
                  </Text>
                </Table.Td>
                <Table.Td>
                  <Merged instance={instance} />
                  {instance.warnings.map((warning) => (
                    <Text key={warning} size="xs" data-tone="paused" style={{ color: "var(--tone-text)" }}>
                      {warning}
                    </Text>
                  ))}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
      {preview.instances.length > pageSize && (
        <Pager page={page} pageSize={pageSize} total={preview.instances.length} noun="instances" onChange={setPage} />
      )}
    </Stack>
  );
}

interface ReviewStepProps {
  draft: Draft;
  errors: DraftErrors;
  preview: Preview | undefined;
  loading: boolean;
  onDescribe: (field: "name" | "description", text: string) => void;
  onJump: (place: Place) => void;
}

export function ReviewStep({ draft, errors, preview, loading, onDescribe, onJump }: ReviewStepProps) {
  return (
    <Stack gap={12}>
      <ErrorList errors={errors} onJump={onJump} />
      <TextInput id="batch-name" size="xs" label="Name of the batch" maxLength={200} value={draft.name} error={errors.name}
        onChange={(event) => onDescribe("name", event.currentTarget.value)} />
      <Textarea id="batch-description" size="xs" label="Description" rows={2} value={draft.description} error={errors.description}
        onChange={(event) => onDescribe("description", event.currentTarget.value)} />
      {loading && <Loading label="Checking with the server" />}
      {preview && (
        <>
          <Findings findings={preview.findings} />
          <Title order={3}>{plural(preview.total_instances, "instance")} will run</Title>
          <PreviewTable preview={preview} />
        </>
      )}
    </Stack>
  );
}
