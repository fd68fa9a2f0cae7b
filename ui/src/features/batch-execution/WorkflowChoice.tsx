import { NavLink, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { workflowsQuery } from "@/api/workflows";
import { Empty, Failure, Loading } from "@/components/PageState";
import { SearchField } from "@/components/SearchField";

const shown = 50;

/** The first question of "New batch": which workflow. */
export function WorkflowChoice({ onChoose }: { onChoose: (id: string) => void }) {
  const [q, setQ] = useState("");
  const { data, error, refetch } = useQuery(workflowsQuery({ q: q || undefined, limit: shown, offset: 0 }));
  return (
    <Stack gap={8}>
      <Text>Which workflow shall run?</Text>
      <SearchField label="Search workflows" value={q} onChange={setQ} />
      {error && <Failure error={error} what="The workflows could not be loaded" onRetry={() => void refetch()} />}
      {!data && !error && <Loading label="Loading the workflows" />}
      {data?.items.length === 0 && <Empty title="No workflow matches">Try another search.</Empty>}
      {data?.items.map((workflow) => (
        <NavLink key={workflow.id} component="button" label={workflow.name} description={workflow.description} onClick={() => onChoose(workflow.id)} />
      ))}
      {data && data.total > shown && <Text c="dimmed">{data.total - shown} more: search to find them.</Text>}
    </Stack>
  );
}
