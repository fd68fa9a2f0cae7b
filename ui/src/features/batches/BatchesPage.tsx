import { Button, Group, NativeSelect, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { batchesQuery, type JobList } from "@/api/batches";
import { Icon } from "@/components/Icon";
import { Page } from "@/components/Page";
import { Pager } from "@/components/Pager";
import { Empty, Failure, Loading } from "@/components/PageState";
import { SearchField } from "@/components/SearchField";
import type { BatchListSearch } from "@/model/search";
import { batchLook, isFinished } from "@/model/status";
import { BatchTable } from "./BatchTable";
import { FirstSteps } from "./FirstSteps";

const route = getRouteApi("/shell/batches");
const pageSize = 25;
const statuses = ["queued", "running", "paused", "completed", "partial_success", "failed", "cancelled"];
const statusOptions = [
  { value: "", label: "Any status" },
  ...statuses.map((status) => ({ value: status, label: batchLook(status).word })),
];

const refreshMs = (list: JobList | undefined) =>
  list?.items.some((batch) => !isFinished(batch.status)) ? 10_000 : 30_000;

function NothingFound({ search, onClear }: { search: BatchListSearch; onClear: () => void }) {
  const filters = [search.q && `the text “${search.q}”`, search.status && `the status ${batchLook(search.status).word}`];
  const named = filters.filter(Boolean).join(" and ");
  if (named === "") {
    return (
      <Empty title="No batches yet" action={<NewBatchButton />}>
        A batch runs one workflow on many AMC instances and joins the answers into one table.
      </Empty>
    );
  }
  return (
    <Empty title="No batch matches" action={<Button variant="default" onClick={onClear}>Clear filters</Button>}>
      Nothing fits {named}.
    </Empty>
  );
}

function NewBatchButton() {
  return (
    <Button leftSection={<Icon name="plus" />} renderRoot={(props) => <Link to="." search={(old) => ({ ...old, run: "choose" })} {...props} />}>
      New batch
    </Button>
  );
}

export function BatchesPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const page = search.page ?? 1;
  const { data, error, isPlaceholderData, refetch } = useQuery({
    ...batchesQuery({ q: search.q, status: search.status, sort: search.sort ?? "-created_at", limit: pageSize, offset: (page - 1) * pageSize }),
    refetchInterval: (query) => refreshMs(query.state.data),
  });
  const change = (next: BatchListSearch) =>
    void navigate({ search: (old) => ({ ...old, page: undefined, ...next }), replace: true });
  const clear = () => change({ q: undefined, status: undefined });
  const unfiltered = search.q === undefined && search.status === undefined;

  return (
    <Page title="Batches" actions={<NewBatchButton />}>
      {data && unfiltered && page === 1 && <FirstSteps batches={data} />}
      <Group gap={8}>
        <SearchField label="Search batches by name" value={search.q ?? ""} onChange={(q) => change({ q: q || undefined })} />
        <NativeSelect size="xs" w={160} aria-label="Status" data={statusOptions}
          value={search.status ?? ""} onChange={(event) => change({ status: event.currentTarget.value || undefined })} />
      </Group>
      {error && <Failure error={error} what="The batches could not be loaded" onRetry={() => void refetch()} />}
      {!data && !error && <Loading rows={10} label="Loading the batches" />}
      {data && data.items.length === 0 && <NothingFound search={search} onClear={clear} />}
      {data && data.items.length > 0 && (
        <Stack gap={8} style={{ opacity: isPlaceholderData ? 0.6 : 1 }}>
          <BatchTable batches={data.items} sort={search.sort ?? "-created_at"} onSort={(sort) => change({ sort })} />
          <Pager page={page} pageSize={pageSize} total={data.total} noun="batches"
            onChange={(next) => change({ page: next > 1 ? next : undefined })} />
        </Stack>
      )}
    </Page>
  );
}
