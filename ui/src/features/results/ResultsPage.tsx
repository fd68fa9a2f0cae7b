import { Anchor, Button, Group, Tabs } from "@mantine/core";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { csvUrl, type BatchResults, type ResultView } from "@/api/results";
import { Icon } from "@/components/Icon";
import { Notice } from "@/components/Notice";
import { Page } from "@/components/Page";
import { Failure, Loading } from "@/components/PageState";
import { StatusPill } from "@/components/StatusPill";
import { resultTabs, type ResultSearch } from "@/model/search";
import { batchLook, isFinished } from "@/model/status";
import { formatCount, plural } from "@/model/wording";
import { ChartTab } from "./ChartTab";
import { GroupsTab } from "./GroupsTab";
import { InstanceResults } from "./InstanceResults";
import { choiceOf, type Choice } from "./measures";
import { RawJson } from "./RawJson";
import classes from "./ResultsPage.module.css";
import { ResultTable } from "./ResultTable";
import { useResultRows } from "./useResultRows";

const route = getRouteApi("/shell/batches/$batchId/results");

function PartialNotice({ results }: { results: BatchResults }) {
  const { completed_instances: done, failed_instances: failed, total_instances: total } = results;
  if (done === total) return null;
  const missing = [failed > 0 && `${formatCount(failed)} failed`];
  const waiting = total - done - failed;
  if (waiting > 0) missing.push(`${formatCount(waiting)} ${isFinished(results.status) ? "did not run" : "still to come"}`);
  return (
    <Notice tone="partial" icon="half">
      These are the rows of {formatCount(done)} of {plural(total, "instance")}: {missing.filter(Boolean).join(", ")}.
    </Notice>
  );
}

export function ResultsPage() {
  const { batchId } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const [range, setRange] = useState({ first: 0, last: 40 });
  const view = useMemo<ResultView>(() => ({ sort: search.sort, filter: search.filter ?? [] }), [search.sort, search.filter]);
  const { results, at, error, stale, retry } = useResultRows(batchId, view, range);
  const change = (next: ResultSearch) => void navigate({ search: (old) => ({ ...old, ...next }), replace: true });
  const tab = search.tab ?? "table";
  const columns = results?.aggregated_data.columns ?? [];
  const analysis = {
    batchId, columns, filter: view.filter, choice: choiceOf(search, columns),
    onChange: ({ split, ...choice }: Partial<Choice>) => change(split === undefined ? choice : { ...choice, split: split || undefined }),
  };

  return (
    <Page title="Results" documentTitle={`Results of ${batchId}`}
      heading={
        <>
          {results && <StatusPill look={batchLook(results.status)} large />}
          <Anchor renderRoot={(props) => <Link to="/batches/$batchId" params={{ batchId }} {...props} />}>
            Back to the batch <span className="ff-mono">{batchId}</span>
          </Anchor>
        </>
      }
      fill
      actions={
        <Button component="a" href={csvUrl(batchId, view)} download leftSection={<Icon name="download" size={14} />}>
          {view.filter.length > 0 ? "Export filtered CSV" : "Export CSV"}
        </Button>
      }>
      {error && <Failure error={error} what="The results could not be loaded" onRetry={retry} />}
      {!results && !error && <Loading rows={14} label="Loading the results" />}
      {results && (
        <>
          <PartialNotice results={results} />
          <Tabs value={tab} onChange={(next) => change({ tab: resultTabs.find((known) => known === next), page: undefined })} keepMounted={false} className={classes.tabs}>
            <Group gap={8} mb={8}>
              <Tabs.List style={{ flex: 1 }}>
                <Tabs.Tab value="table">Table</Tabs.Tab>
                <Tabs.Tab value="groups">Groups</Tabs.Tab>
                <Tabs.Tab value="chart">Chart</Tabs.Tab>
                <Tabs.Tab value="instances">Instances ({formatCount(results.instance_results.length)})</Tabs.Tab>
                <Tabs.Tab value="json">Raw JSON</Tabs.Tab>
              </Tabs.List>
            </Group>
            <Tabs.Panel value="table" className={classes.panel}>
              <ResultTable results={results} at={at} stale={stale} search={search} onChange={change} onRange={setRange} />
            </Tabs.Panel>
            <Tabs.Panel value="groups">
              <GroupsTab {...analysis} />
            </Tabs.Panel>
            <Tabs.Panel value="chart">
              <ChartTab {...analysis} />
            </Tabs.Panel>
            <Tabs.Panel value="instances">
              <InstanceResults results={results} />
            </Tabs.Panel>
            <Tabs.Panel value="json" className={classes.panel}>
              <RawJson batchId={batchId} view={view} page={search.page ?? 1} total={results.aggregated_data.total_rows}
                onPage={(page) => change({ page: page > 1 ? page : undefined })} />
            </Tabs.Panel>
          </Tabs>
        </>
      )}
    </Page>
  );
}
