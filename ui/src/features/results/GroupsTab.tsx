import { Stack, Table } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { groupPageSize, groupsQuery, type GroupColumn } from "@/api/analysis";
import type { ResultColumn } from "@/api/results";
import { cellText } from "@/components/grid/gridModel";
import { Pager } from "@/components/Pager";
import { Empty, Failure, Loading } from "@/components/PageState";
import { Scroll } from "@/components/Scroll";
import { SortHeader } from "@/components/SortHeader";
import type { ColumnFilter } from "@/model/search";
import { ChoiceForm } from "./ChoiceForm";
import type { Choice } from "./measures";

export interface AnalysisProps {
  batchId: string;
  columns: readonly ResultColumn[];
  filter: ColumnFilter[];
  choice: Choice;
  onChange: (choice: Partial<Choice>) => void;
}

const isNumeric = ({ type }: GroupColumn) => type === "number";

/** The rows grouped by the server, and pivoted: one column for each value of another. */
export function GroupsTab({ batchId, columns, filter, choice, onChange }: AnalysisProps) {
  const [{ page, sort }, show] = useState<{ page: number; sort?: string }>({ page: 1 });
  const view = { groupBy: choice.by, aggregate: choice.measure, pivot: choice.split || undefined, sort, filter };
  const { data, error, isPlaceholderData, refetch } = useQuery(groupsQuery(batchId, view, page));
  const choose = (next: Partial<Choice>) => {
    show({ page: 1 });
    onChange(next);
  };
  return (
    <Stack gap={12}>
      <ChoiceForm columns={columns} choice={choice} splitLabel="A column for each" onChange={choose} />
      {error && <Failure error={error} what="The rows could not be grouped" onRetry={() => void refetch()} />}
      {!data && !error && <Loading rows={10} label="Grouping the rows" />}
      {data?.total_rows === 0 && <Empty title="No rows to group">{filter.length > 0 ? "No row fits the filters of the table." : "Rows appear as soon as the first operation is completed."}</Empty>}
      {data && data.total_rows > 0 && (
        <div style={{ opacity: isPlaceholderData ? 0.6 : 1 }}>
          <Scroll label="Groups, table">
            <Table verticalSpacing={4} horizontalSpacing={8} highlightOnHover aria-label="Groups">
              <Table.Thead>
                <Table.Tr>
                  {data.columns.map((column) => (
                    <SortHeader key={column.name} label={column.name} column={column.name} sort={sort} numeric={isNumeric(column)} onSort={(next) => show({ page: 1, sort: next })} />
                  ))}
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {data.rows.map((row, index) => (
                  <Table.Tr key={index}>
                    {data.columns.map((column) => (
                      <Table.Td key={column.name} ta={isNumeric(column) ? "right" : undefined}>
                        {cellText(row[column.name])}
                      </Table.Td>
                    ))}
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Scroll>
          <Pager page={page} pageSize={groupPageSize} total={data.total_rows} noun="groups" onChange={(next) => show({ page: next, sort })} />
        </div>
      )}
    </Stack>
  );
}
