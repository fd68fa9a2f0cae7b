import { useMediaQuery } from "@mantine/hooks";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { workflowQuery } from "@/api/workflows";
import { Dialog } from "@/components/Dialog";
import { Failure, Loading } from "@/components/PageState";
import { BatchForm } from "./BatchForm";
import { WorkflowChoice } from "./WorkflowChoice";

interface BatchExecutionDialogProps {
  /** A workflow's id, or nothing while it has to be chosen. */
  workflowId: string | undefined;
}

function ChosenWorkflow({ workflowId }: { workflowId: string }) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const { data: workflow, error, refetch } = useQuery(workflowQuery(workflowId));
  if (error) return <Failure error={error} what="The workflow could not be loaded" onRetry={() => void refetch()} />;
  if (!workflow) return <Loading rows={10} label="Loading the workflow" />;
  const started = (batchId: string) => {
    void queries.invalidateQueries({ queryKey: ["batches"] });
    void queries.invalidateQueries({ queryKey: ["workflows"] });
    void navigate({ to: "/batches/$batchId", params: { batchId } });
  };
  return <BatchForm key={workflow.id} workflow={workflow} onStarted={started} />;
}

/** Run one workflow on many instances. It lies over any page; its address is the page's with `?run=`. */
export function BatchExecutionDialog({ workflowId }: BatchExecutionDialogProps) {
  const navigate = useNavigate();
  const narrow = useMediaQuery("(max-width: 700px)");
  const workflow = useQuery({ ...workflowQuery(workflowId ?? ""), enabled: workflowId !== undefined });
  const close = () => void navigate({ to: ".", search: (old) => ({ ...old, run: undefined }), resetScroll: false });
  const choose = (run: string) => void navigate({ to: ".", search: (old) => ({ ...old, run }), replace: true, resetScroll: false });
  return (
    <Dialog opened onClose={close} size={1040} fullScreen={narrow} closeOnClickOutside={false}
      title={workflow.data ? `Run “${workflow.data.name}”` : "New batch"}>
      {workflowId === undefined ? <WorkflowChoice onChoose={choose} /> : <ChosenWorkflow workflowId={workflowId} />}
    </Dialog>
  );
}
