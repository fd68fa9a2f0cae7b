import { Button, Group, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { cancel, type Job } from "@/api/batches";
import { toProblem } from "@/api/problem";
import { Dialog } from "@/components/Dialog";
import { Icon } from "@/components/Icon";
import { plural } from "@/model/wording";
import { refreshBatch } from "./useBatchStream";

export function CancelButton({ batch }: { batch: Job }) {
  const [opened, { open, close }] = useDisclosure(false);
  const queries = useQueryClient();
  const stop = useMutation({
    mutationFn: () => cancel(batch.job_id),
    onSuccess: (message) => notifications.show({ message }),
    onError: (error) => notifications.show({ color: "red", title: "Not cancelled", message: toProblem(error).message }),
    onSettled: () => {
      close();
      refreshBatch(queries, batch.job_id);
    },
  });
  const { running_operations: running, pending_operations: pending, completed_operations: done } = batch.progress;
  return (
    <>
      <Button variant="default" leftSection={<Icon name="slash" size={14} />} onClick={open}>
        Cancel
      </Button>
      <Dialog opened={opened} onClose={close} title="Cancel this batch?">
        <Stack gap={12}>
          <Text>
            {plural(running, "running operation")} will be cancelled at AMC too, and {plural(pending, "pending one")} will
            not start. The results of {plural(done, "completed operation")} are kept.
          </Text>
          <Group justify="flex-end" gap={8}>
            <Button variant="default" onClick={close}>
              Keep it running
            </Button>
            <Button color="red" loading={stop.isPending} onClick={() => stop.mutate()}>
              Cancel {plural(running + pending, "operation")}
            </Button>
          </Group>
        </Stack>
      </Dialog>
    </>
  );
}
