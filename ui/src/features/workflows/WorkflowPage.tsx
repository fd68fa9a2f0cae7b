import { Badge, SimpleGrid, Stack, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { workflowQuery, type Parameter } from "@/api/workflows";
import { Ago } from "@/components/Moments";
import { Page } from "@/components/Page";
import { Failure, Loading } from "@/components/PageState";
import { Scroll } from "@/components/Scroll";
import { SqlCode } from "@/components/SqlCode";
import { RecentBatches } from "./RecentBatches";
import { RunButton } from "./RunButton";

const route = getRouteApi("/shell/workflows/$workflowId");

const shown = (value: unknown): string =>
  value === null || value === undefined ? "–" : typeof value === "string" ? value : JSON.stringify(value);

function ParameterRow({ parameter }: { parameter: Parameter }) {
  return (
    <Table.Tr>
      <Table.Td>
        <span className="ff-mono">{parameter.name}</span>
        {parameter.description && (
          <Text size="xs" c="dimmed">
            {parameter.description}
          </Text>
        )}
      </Table.Td>
      <Table.Td className="ff-mono">{parameter.data_type}</Table.Td>
      <Table.Td>{parameter.required ? "required" : "optional"}</Table.Td>
      <Table.Td className="ff-mono">{shown(parameter.default)}</Table.Td>
    </Table.Tr>
  );
}

function Parameters({ parameters }: { parameters: Parameter[] }) {
  return (
    <section aria-labelledby="parameters">
      <Title order={2} id="parameters" mb={4}>
        Parameters
      </Title>
      {parameters.length === 0 ? (
        <Text c="dimmed">None declared. The time window is set when it runs.</Text>
      ) : (
        <Scroll label="Declared parameters, table">
          <Table verticalSpacing={4} horizontalSpacing={8} aria-label="Declared parameters">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Name</Table.Th>
                <Table.Th>Type</Table.Th>
                <Table.Th>Needed</Table.Th>
                <Table.Th>Default</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {parameters.map((parameter) => (
                <ParameterRow key={parameter.name} parameter={parameter} />
              ))}
            </Table.Tbody>
          </Table>
        </Scroll>
      )}
    </section>
  );
}

export function WorkflowPage() {
  const { workflowId } = route.useParams();
  const { data: workflow, error, refetch } = useQuery(workflowQuery(workflowId));
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
        <section aria-labelledby="sql">
          <Title order={2} id="sql" mb={4}>
            SQL
          </Title>
          <SqlCode sql={workflow.sql_query} label="The workflow's SQL" />
        </section>
        <Stack gap={16}>
          <Parameters parameters={workflow.parameters} />
          <RecentBatches workflowId={workflow.id} />
        </Stack>
      </SimpleGrid>
    </Page>
  );
}
