import { Table, UnstyledButton } from "@mantine/core";
import { Icon } from "./Icon";
import classes from "./SortHeader.module.css";

interface SortHeaderProps {
  label: string;
  column: string;
  /** `column`, or `-column` for descending. */
  sort: string | undefined;
  onSort: (sort: string) => void;
  numeric?: boolean;
  visibleFrom?: "sm" | "md";
}

export function SortHeader({ label, column, sort, onSort, numeric, visibleFrom }: SortHeaderProps) {
  const direction = sort === column ? "ascending" : sort === `-${column}` ? "descending" : undefined;
  return (
    <Table.Th aria-sort={direction ?? "none"} visibleFrom={visibleFrom} ta={numeric ? "right" : undefined}>
      <UnstyledButton className={classes.button} onClick={() => onSort(direction === "descending" ? column : `-${column}`)}>
        {label}
        {direction && <Icon name={direction === "ascending" ? "sortUp" : "sortDown"} size={12} />}
      </UnstyledButton>
    </Table.Th>
  );
}
