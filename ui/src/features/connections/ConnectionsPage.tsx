import { Anchor, Button, Stack, Table, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { connectionsQuery, healthQuery, type Connection } from "@/api/connections";
import { Icon } from "@/components/Icon";
import { Ago } from "@/components/Moments";
import { Page } from "@/components/Page";
import { Pager } from "@/components/Pager";
import { Failure, Loading } from "@/components/PageState";
import { Scroll } from "@/components/Scroll";
import { HealthPill } from "./HealthPanel";
import { NoConnections } from "./NoConnections";

const route = getRouteApi("/shell/connections");
const pageSize = 25;

function ConnectionRow({ connection }: { connection: Connection }) {
  const health = useQuery({ ...healthQuery(connection.id), enabled: false });
  const { region, base_url: address } = connection.config;
  return (
    <Table.Tr>
      <Table.Td>
        <Anchor fw={600} renderRoot={(props) => <Link to="/connections/$connectionId" params={{ connectionId: connection.id }} {...props} />}>
          {connection.name}
        </Anchor>
        {typeof address === "string" && (
          <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
            {address}
          </Text>
        )}
      </Table.Td>
      <Table.Td visibleFrom="sm">{connection.connector}</Table.Td>
      <Table.Td visibleFrom="sm">{typeof region === "string" ? region.toUpperCase() : "–"}</Table.Td>
      <Table.Td visibleFrom="md">{connection.has_secrets ? "sealed" : "none"}</Table.Td>
      <Table.Td visibleFrom="md">
        <Ago at={connection.updated_at} />
      </Table.Td>
      <Table.Td>{health.error ? <Text c="dimmed">could not be checked</Text> : <HealthPill health={health.data} />}</Table.Td>
      <Table.Td ta="right">
        <Button variant="default" loading={health.isFetching} onClick={() => void health.refetch()}>
          Check<span className="ff-sr-only"> {connection.name}</span>
        </Button>
      </Table.Td>
    </Table.Tr>
  );
}

function ConnectionTable({ connections }: { connections: Connection[] }) {
  return (
    <Scroll label="Connections, table">
      <Table verticalSpacing={6} horizontalSpacing={8} highlightOnHover aria-label="Connections">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Name</Table.Th>
            <Table.Th visibleFrom="sm">Connector</Table.Th>
            <Table.Th visibleFrom="sm">Region</Table.Th>
            <Table.Th visibleFrom="md">Secrets</Table.Th>
            <Table.Th visibleFrom="md">Changed</Table.Th>
            <Table.Th>Health</Table.Th>
            <Table.Th>
              <span className="ff-sr-only">Actions</span>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {connections.map((connection) => (
            <ConnectionRow key={connection.id} connection={connection} />
          ))}
        </Table.Tbody>
      </Table>
    </Scroll>
  );
}

export function ConnectionsPage() {
  const { page = 1 } = route.useSearch();
  const navigate = route.useNavigate();
  const queries = useQueryClient();
  const { data, error, refetch } = useQuery(connectionsQuery({ limit: pageSize, offset: (page - 1) * pageSize }));
  const checkAll = () => data?.items.forEach(({ id }) => void queries.query({ ...healthQuery(id), staleTime: 0 }).catch(() => undefined));
  return (
    <Page title="Connections"
      actions={data && data.items.length > 1 && <Button variant="default" leftSection={<Icon name="arrows" size={14} />} onClick={checkAll}>Check all</Button>}>
      {error && <Failure error={error} what="The connections could not be loaded" onRetry={() => void refetch()} />}
      {!data && !error && <Loading label="Loading the connections" />}
      {data?.total === 0 && <NoConnections />}
      {data && data.total > 0 && (
        <Stack gap={8}>
          <ConnectionTable connections={data.items} />
          <Pager page={page} pageSize={pageSize} total={data.total} noun="connections"
            onChange={(next) => void navigate({ search: (old) => ({ ...old, page: next > 1 ? next : undefined }), replace: true })} />
        </Stack>
      )}
    </Page>
  );
}
