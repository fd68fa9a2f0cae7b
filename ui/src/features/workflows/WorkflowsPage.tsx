import { Anchor, Badge, Button, Group, Stack, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { workflowsQuery, type Workflow } from "@/api/workflows";
import { Ago } from "@/components/Moments";
import { Page } from "@/components/Page";
import { Pager } from "@/components/Pager";
import { Empty, Failure, Loading } from "@/components/PageState";
import { SearchField } from "@/components/SearchField";
import { LastBatch } from "./LastBatch";
import { RunButton } from "./RunButton";

const route = getRouteApi("/shell/workflows");
const pageSize = 25;

function WorkflowRow({ workflow }: { workflow: Workflow }) {
  return (
    <Table.Tr>
      <Table.Td>
        <Group gap={8}>
          <Anchor fw={600} renderRoot={(props) => <Link to="/workflows/$workflowId" params={{ workflowId: workflow.id }} {...props} />}>
            {workflow.name}
          </Anchor>
          {workflow.tags.map((tag) => (
            <Badge key={tag} variant="default" size="xs" tt="none" fw={400}>
              {tag}
            </Badge>
          ))}
        </Group>
        <Text c="dimmed" size="xs" lineClamp={2}>
          {workflow.description}
        </Text>
      </Table.Td>
      <Table.Td visibleFrom="sm" className="ff-mono">
        {workflow.key}
      </Table.Td>
      <Table.Td visibleFrom="md" ta="right">
        {workflow.parameters.length}
      </Table.Td>
      <Table.Td visibleFrom="sm">
        <LastBatch batch={workflow.last_batch} />
      </Table.Td>
      <Table.Td visibleFrom="md">
        <Ago at={workflow.updated_at} />
      </Table.Td>
      <Table.Td ta="right">
        <RunButton workflow={workflow} compact />
      </Table.Td>
    </Table.Tr>
  );
}

function WorkflowTable({ workflows }: { workflows: Workflow[] }) {
  return (
    <Table verticalSpacing={6} horizontalSpacing={8} highlightOnHover aria-label="Workflows">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Name</Table.Th>
          <Table.Th visibleFrom="sm">Key</Table.Th>
          <Table.Th visibleFrom="md" ta="right">Parameters</Table.Th>
          <Table.Th visibleFrom="sm">Last batch</Table.Th>
          <Table.Th visibleFrom="md">Changed</Table.Th>
          <Table.Th>
            <span className="ff-sr-only">Actions</span>
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {workflows.map((workflow) => (
          <WorkflowRow key={workflow.id} workflow={workflow} />
        ))}
      </Table.Tbody>
    </Table>
  );
}

export function WorkflowsPage() {
  const { q, page = 1 } = route.useSearch();
  const navigate = route.useNavigate();
  const { data, error, refetch } = useQuery(workflowsQuery({ q, limit: pageSize, offset: (page - 1) * pageSize }));
  const change = (next: { q?: string; page?: number }) =>
    void navigate({ search: (old) => ({ ...old, page: undefined, ...next }), replace: true });
  return (
    <Page title="Workflows">
      <SearchField label="Search workflows" value={q ?? ""} onChange={(text) => change({ q: text || undefined })} />
      {error && <Failure error={error} what="The workflows could not be loaded" onRetry={() => void refetch()} />}
      {!data && !error && <Loading label="Loading the workflows" />}
      {data?.items.length === 0 &&
        (q === undefined ? (
          <Empty title="No workflows yet">
            A workflow is a named AMC SQL query with declared parameters. Add one with <code>POST /workflows</code>; the
            API&apos;s own page is at <Anchor href="/docs">/docs</Anchor>.
          </Empty>
        ) : (
          <Empty title="No workflow matches" action={<Button variant="default" onClick={() => change({ q: undefined })}>Clear search</Button>}>
            Nothing fits the text “{q}”.
          </Empty>
        ))}
      {data && data.items.length > 0 && (
        <Stack gap={8}>
          <WorkflowTable workflows={data.items} />
          <Pager page={page} pageSize={pageSize} total={data.total} noun="workflows"
            onChange={(next) => change({ q, page: next > 1 ? next : undefined })} />
        </Stack>
      )}
    </Page>
  );
}
