import { Button, CopyButton, Group, Stack } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { resultPageQuery, resultPageSize, type ResultView } from "@/api/results";
import { Icon } from "@/components/Icon";
import { Pager } from "@/components/Pager";
import { Failure, Loading } from "@/components/PageState";
import classes from "./RawJson.module.css";

interface RawJsonProps {
  batchId: string;
  view: ResultView;
  page: number;
  total: number;
  onPage: (page: number) => void;
}

/** What the API answers, as it answers it, one page at a time. */
export function RawJson({ batchId, view, page, total, onPage }: RawJsonProps) {
  const { data, error, refetch } = useQuery({ ...resultPageQuery(batchId, view, page - 1), placeholderData: keepPreviousData });
  if (error) return <Failure error={error} what="The page could not be loaded" onRetry={() => void refetch()} />;
  if (!data) return <Loading rows={14} label="Loading the JSON" />;
  const text = JSON.stringify(data, null, 2);
  return (
    <Stack gap={8} className={classes.raw}>
      <Group gap={8} justify="space-between">
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Button variant="default" leftSection={<Icon name={copied ? "check" : "copy"} size={14} />} onClick={copy}>
              {copied ? "Copied" : "Copy this page"}
            </Button>
          )}
        </CopyButton>
        <Pager page={page} pageSize={resultPageSize} total={total} noun="rows" onChange={onPage} />
      </Group>
      <pre className={classes.json} tabIndex={0} role="region" aria-label="Raw JSON">
        {text}
      </pre>
    </Stack>
  );
}
