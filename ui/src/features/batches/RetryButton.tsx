import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { retry } from "@/api/batches";
import { toProblem } from "@/api/problem";
import { Icon } from "@/components/Icon";
import { formatCount } from "@/model/wording";
import { refreshBatch } from "./useBatchStream";

interface RetryButtonProps {
  batchId: string;
  count: number;
  /** Only this one; otherwise everything that failed. */
  operationId?: string;
}

export function RetryButton({ batchId, count, operationId }: RetryButtonProps) {
  const queries = useQueryClient();
  const again = useMutation({
    mutationFn: () => retry(batchId, operationId === undefined ? undefined : [operationId]),
    onSuccess: (message) => notifications.show({ message }),
    onError: (error) => notifications.show({ color: "red", title: "Not retried", message: toProblem(error).message }),
    onSettled: () => refreshBatch(queries, batchId),
  });
  return (
    <Button variant={operationId === undefined ? "filled" : "default"} leftSection={<Icon name="arrows" size={14} />}
      loading={again.isPending} onClick={() => again.mutate()}>
      {operationId === undefined ? `Retry ${formatCount(count)} failed` : "Retry this operation"}
    </Button>
  );
}
