import { Button, Checkbox, Group, Stack, TagsInput, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { discoveryQuery, type DiscoveryWish } from "@/api/connections";
import { Icon } from "@/components/Icon";
import { Failure, Loading } from "@/components/PageState";
import { Found } from "./Found";

interface WishFormProps {
  wish: DiscoveryWish;
  onChange: (wish: DiscoveryWish) => void;
}

function WishForm({ wish, onChange }: WishFormProps) {
  return (
    <Group gap={12} align="flex-end">
      <TagsInput size="xs" w={320} maw="100%" label="Tags to give" description="To choose these instances by later." placeholder="agency, pilot …"
        value={[...wish.tags]} onChange={(tags) => onChange({ ...wish, tags })} />
      <TagsInput size="xs" w={320} maw="100%" label="Ask these accounts too" description="Some logins do not list every account they may see."
        placeholder="ENTITY…, or ENTITY…:marketplace" value={[...wish.accounts]} onChange={(accounts) => onChange({ ...wish, accounts })} />
      <Checkbox size="xs" pb={6} label="Names follow AMC" checked={wish.rename} onChange={(event) => onChange({ ...wish, rename: event.currentTarget.checked })} />
    </Group>
  );
}

/** What a connection reaches beside what the user has, and its import. */
export function DiscoveryPanel({ connectionId }: { connectionId: string }) {
  const [asked, ask] = useState(false);
  const [wish, setWish] = useState<DiscoveryWish>({ accounts: [], tags: [], rename: false });
  const { data, error, isFetching, isPlaceholderData, refetch } = useQuery({ ...discoveryQuery(connectionId, wish), enabled: asked });
  return (
    <section aria-labelledby="discovery">
      <Group gap={12} mb={8}>
        <Title order={2} id="discovery">
          Accounts and instances
        </Title>
        <Button variant={asked ? "default" : "filled"} leftSection={<Icon name="search" size={14} />} loading={isFetching}
          onClick={() => (asked ? void refetch() : ask(true))}>
          {asked ? "Look again" : "Find instances"}
        </Button>
      </Group>
      {!asked && <Text c="dimmed">Asks Amazon for every account of this login and its instances, and lays them beside yours. Nothing is changed.</Text>}
      {error && <Failure error={error} what="The instances could not be looked for" onRetry={() => void refetch()} />}
      {asked && !data && !error && <Loading rows={8} label="Asking every account" />}
      {data && (
        <Stack gap={12} style={{ opacity: isPlaceholderData ? 0.6 : 1 }}>
          <WishForm wish={wish} onChange={setWish} />
          <Found connectionId={connectionId} wish={wish} discovery={data} settled={!isPlaceholderData} />
        </Stack>
      )}
    </section>
  );
}
