import { Anchor, Button, Checkbox, Group, MultiSelect, Stack, Text, Title } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { checkOnInstances, sync } from "@/api/checks";
import { instancePageQuery, matchingIds, type Instance } from "@/api/instances";
import { toProblem } from "@/api/problem";
import type { Workflow } from "@/api/workflows";
import { Notice } from "@/components/Notice";
import { InstanceFindings } from "./InstanceFindings";
import { SavedOnAmc } from "./SavedOnAmc";

interface PickerProps {
  chosen: string[];
  onChoose: (ids: string[]) => void;
}

/** Chooses by name; the server searches. What was chosen keeps its name while another search is shown. */
function InstancePicker({ chosen, onChoose }: PickerProps) {
  const [typed, type] = useState("");
  const [q] = useDebouncedValue(typed, 200);
  const [known, learn] = useState<Map<string, string>>(new Map());
  const { data } = useQuery({ ...instancePageQuery(q === "" ? {} : { q }, 0), placeholderData: keepPreviousData });
  const all = useMutation({ mutationFn: () => matchingIds(q === "" ? {} : { q }), onSuccess: (ids) => onChoose([...new Set([...chosen, ...ids])]) });
  const found = (data?.items ?? []).map(({ id, name }: Instance) => ({ value: id, label: name }));
  const others = chosen.filter((id) => !found.some(({ value }) => value === id)).map((id) => ({ value: id, label: known.get(id) ?? id }));
  const choose = (ids: string[]) => {
    learn(new Map([...known, ...found.map(({ value, label }) => [value, label] as const)]));
    onChoose(ids);
  };
  return (
    <Group gap={8} align="flex-end">
      <MultiSelect size="xs" style={{ flex: "1 1 320px" }} maw={860} label="Instances" placeholder={chosen.length === 0 ? "Search by name" : ""} searchable clearable
        data={[...found, ...others]} filter={({ options }) => options} value={chosen} onChange={choose} searchValue={typed} onSearchChange={type}
        nothingFoundMessage="No instance fits" maxDropdownHeight={260} hidePickedOptions />
      <Button variant="default" loading={all.isPending} disabled={!data || data.total === 0 || data.total > 100} onClick={() => all.mutate()}>
        Choose all {data?.total ?? 0}
      </Button>
    </Group>
  );
}

function useActions(workflow: Workflow, chosen: string[]) {
  const queries = useQueryClient();
  const choice = { workflow, instanceIds: chosen };
  const check = useMutation({ mutationFn: (dryRun: boolean) => checkOnInstances(choice, dryRun) });
  const syncing = useMutation({
    mutationFn: (compareOnly: boolean) => sync(choice, compareOnly),
    onSuccess: () => Promise.all([["workflows", "saved"], ["batches"]].map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
  return { check, syncing };
}

/** What can be done with a workflow on chosen instances short of running it: check it, compare it, save it on AMC. */
export function OnInstances({ workflow, onShow }: { workflow: Workflow; onShow?: (line: number) => void }) {
  const [chosen, choose] = useState<string[]>([]);
  const [dryRun, setDryRun] = useState(false);
  const { check, syncing } = useActions(workflow, chosen);
  const none = chosen.length === 0;
  const failed = check.error ?? syncing.error;
  return (
    <section aria-labelledby="on-instances">
      <Title order={2} id="on-instances" mb={4}>
        On your instances
      </Title>
      <Text c="dimmed" mb={8}>
        Instances differ in their tables. A check names what each lacks; a dry run lets AMC compile the query there, without rows. Saving puts it on AMC under an id that stays the same.
      </Text>
      <Stack gap={12}>
        <InstancePicker chosen={chosen} onChoose={choose} />
        <Group gap={8}>
          <Button disabled={none} loading={check.isPending} onClick={() => check.mutate(dryRun)}>
            Check on instances
          </Button>
          <Checkbox size="xs" label="with AMC's dry run" checked={dryRun} onChange={(event) => setDryRun(event.currentTarget.checked)} />
          <Button variant="default" disabled={none} loading={syncing.isPending} onClick={() => syncing.mutate(true)}>
            Compare with AMC
          </Button>
          <Button variant="default" disabled={none} loading={syncing.isPending} onClick={() => syncing.mutate(false)}>
            Save on AMC
          </Button>
        </Group>
        {failed && <Notice tone="failed" urgent title="It was not done">{toProblem(failed).message}</Notice>}
        {syncing.data !== undefined && (
          <Notice tone="running" icon="play">
            A batch is at work on it.{" "}
            <Anchor underline="always" renderRoot={(props) => <Link to="/batches/$batchId" params={{ batchId: syncing.data }} {...props} />}>Watch it</Anchor>; the list below follows it.
          </Notice>
        )}
        {check.data && <InstanceFindings report={check.data} onShow={onShow} />}
        <SavedOnAmc workflowId={workflow.id} />
      </Stack>
    </section>
  );
}
