import { Anchor, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { connectionQuery } from "@/api/connections";
import { Ago } from "@/components/Moments";
import { Page } from "@/components/Page";
import { Failure, Loading } from "@/components/PageState";
import { DiscoveryPanel } from "./DiscoveryPanel";
import { HealthPanel } from "./HealthPanel";

const route = getRouteApi("/shell/connections/$connectionId");

/** One connection: whether it works, and what it reaches. */
export function ConnectionPage() {
  const { connectionId } = route.useParams();
  const { data, error, refetch } = useQuery(connectionQuery(connectionId));
  const region = data?.config.region;
  return (
    <Page title={data?.name ?? "Connection"}
      heading={<Anchor renderRoot={(props) => <Link to="/connections" {...props} />}>All connections</Anchor>}>
      {error && <Failure error={error} what="The connection could not be loaded" onRetry={() => void refetch()} />}
      {!data && !error && <Loading rows={8} label="Loading the connection" />}
      {data && (
        <Stack gap={24}>
          <Text c="dimmed">
            Connector <span className="ff-mono">{data.connector}</span>
            {typeof region === "string" && `, region ${region.toUpperCase()}`}
            {data.has_secrets ? ", secrets sealed and never shown" : ", no secrets"}, changed <Ago at={data.updated_at} />
          </Text>
          <HealthPanel connectionId={connectionId} />
          {data.connector === "amc" && <DiscoveryPanel connectionId={connectionId} />}
        </Stack>
      )}
    </Page>
  );
}
