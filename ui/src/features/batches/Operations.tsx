import { Button, Group, SegmentedControl, Stack, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { operationsQuery, type Job } from "@/api/batches";
import { Pager } from "@/components/Pager";
import { Empty, Failure, Loading } from "@/components/PageState";
import { SearchField } from "@/components/SearchField";
import { type OperationListSearch, operationViews } from "@/model/search";
import { operationLooks } from "@/model/status";
import { OperationCards } from "./OperationCards";
import { OperationTable } from "./OperationTable";

const route = getRouteApi("/shell/batches/$batchId");
const pageSize = 50;
/** Up to here every operation has room for a card. */
const cardsUpTo = 60;

interface OperationsProps {
  batch: Job;
  refreshMs: number | false;
}

export function Operations({ batch, refreshMs }: OperationsProps) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { q, status, sort, page = 1 } = search;
  const view = search.view ?? (batch.total_operations <= cardsUpTo ? "cards" : "list");
  const { data, error, refetch, isPlaceholderData } = useQuery({
    ...operationsQuery(batch.job_id, { q, status, sort, limit: pageSize, offset: (page - 1) * pageSize }),
    refetchInterval: refreshMs,
  });
  const change = (next: OperationListSearch) =>
    void navigate({ search: (old) => ({ ...old, page: undefined, ...next }), replace: true });
  const filters = [q && `the text “${q}”`, status && `the state ${operationLooks[status].word}`].filter(Boolean).join(" and ");

  return (
    <Stack gap={8} component="section" aria-labelledby="operations">
      <Group justify="space-between" gap={8}>
        <Title order={2} id="operations">
          Operations
        </Title>
        <Group gap={8}>
          <SearchField label="Search operations" value={q ?? ""} onChange={(text) => change({ q: text || undefined })} width={220} />
          <SegmentedControl size="xs" aria-label="View" value={view} data={[{ value: "cards", label: "Cards" }, { value: "list", label: "List" }]}
            onChange={(next) => change({ page: search.page, view: operationViews.find((known) => known === next) })} />
        </Group>
      </Group>
      {error && <Failure error={error} what="The operations could not be loaded" onRetry={() => void refetch()} />}
      {!data && !error && <Loading label="Loading the operations" />}
      {data?.items.length === 0 && (
        <Empty title="No operation matches"
          action={filters !== "" && <Button variant="default" onClick={() => change({ q: undefined, status: undefined })}>Clear filters</Button>}>
          {filters === "" ? "This batch has no operations." : `None fits ${filters}.`}
        </Empty>
      )}
      {data && data.items.length > 0 && (
        <Stack gap={8} style={{ opacity: isPlaceholderData ? 0.6 : 1 }}>
          {view === "cards" ? (
            <OperationCards batchId={batch.job_id} operations={data.items} />
          ) : (
            <OperationTable batchId={batch.job_id} operations={data.items} sort={sort} onSort={(next) => change({ sort: next })} />
          )}
          {data.total > pageSize && (
            <Pager page={page} pageSize={pageSize} total={data.total} noun="operations"
              onChange={(next) => change({ page: next > 1 ? next : undefined })} />
          )}
        </Stack>
      )}
    </Stack>
  );
}
