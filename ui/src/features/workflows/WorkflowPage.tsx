import { Badge, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { marksOf, preflightQuery } from "@/api/checks";
import { workflowQuery } from "@/api/workflows";
import { Ago } from "@/components/Moments";
import { DeclaredParameters } from "@/components/DeclaredParameters";
import { Page } from "@/components/Page";
import { Failure, Loading } from "@/components/PageState";
import { SqlCode } from "@/components/SqlCode";

import { OnInstances } from "./OnInstances";
import { Preflight } from "./Preflight";
import { RecentBatches } from "./RecentBatches";
import { RunButton } from "./RunButton";

const route = getRouteApi("/shell/workflows/$workflowId");

export function WorkflowPage() {
  const { workflowId } = route.useParams();
  const { data: workflow, error, refetch } = useQuery(workflowQuery(workflowId));
  const check = useQuery({ ...preflightQuery(workflow), enabled: workflow !== undefined });
  const [shown, show] = useState<{ line: number }>();
  if (error) {
    return (
      <Page title="Workflow">
        <Failure error={error} what="The workflow could not be loaded" onRetry={() => void refetch()} />
      </Page>
    );
  }
  if (!workflow) return <Page title="Workflow"><Loading rows={12} label="Loading the workflow" /></Page>;
  return (
    <Page title={workflow.name} actions={<RunButton workflow={workflow} />}
      heading={<Badge variant="default" tt="none" fw={400}>version {workflow.version}</Badge>}>
      <Text>{workflow.description}</Text>
      <Text c="dimmed">
        Key <span className="ff-mono">{workflow.key}</span>, changed <Ago at={workflow.updated_at} />
      </Text>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing={24}>
        <section aria-labelledby="sql" style={{ minWidth: 0 }}>
          <Title order={2} id="sql" mb={4}>
            SQL
          </Title>
          <SqlCode sql={workflow.sql_query} label="The workflow's SQL" marks={marksOf(check.data?.findings ?? [])} shown={shown} />
        </section>
        <Stack gap={24} style={{ minWidth: 0 }}>
          <Preflight check={check} onShow={(line) => show({ line })} />
          <DeclaredParameters parameters={workflow.parameters} />
          <RecentBatches workflowId={workflow.id} />
        </Stack>
      </SimpleGrid>
      <OnInstances workflow={workflow} onShow={(line) => show({ line })} />
    </Page>
  );
}
