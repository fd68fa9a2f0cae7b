import { Anchor, Button, Group, Stack, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState, type SyntheticEvent } from "react";
import { addCopy, type LibraryCopy, type LibraryWorkflow } from "@/api/library";
import { toProblem } from "@/api/problem";
import { Icon } from "@/components/Icon";
import { Notice } from "@/components/Notice";
import { plural } from "@/model/wording";

const isTaken = (error: unknown) => toProblem(error).code === "workflow_key_taken";

/** Adds the workflow to the user's own, and asks for another key where theirs is taken. */
export function useAddCopy(workflow: LibraryWorkflow) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (asKey: string | undefined) => addCopy(workflow.key, asKey),
    onSuccess: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: ["library"] }),
        queries.invalidateQueries({ queryKey: ["workflows"] }),
      ]),
  });
}

interface AddFormProps {
  workflow: LibraryWorkflow;
  adding: ReturnType<typeof useAddCopy>;
}

function KeyForm({ workflow, adding }: AddFormProps) {
  const [key, setKey] = useState(`${workflow.key}-${workflow.copies.length + 1}`);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    adding.mutate(key.trim());
  };
  const refused = adding.error !== null && adding.variables !== undefined;
  return (
    <form onSubmit={submit}>
      <Group gap={8} align="flex-end">
        <TextInput size="xs" w={300} maw="100%" label="Key of your copy" value={key} data-autofocus required
          error={refused && toProblem(adding.error).message} onChange={(event) => setKey(event.currentTarget.value)} />
        <Button type="submit" loading={adding.isPending} disabled={key.trim() === ""}>
          Add under this key
        </Button>
      </Group>
    </form>
  );
}

/** Why it could not be added; a taken key is asked for anew. */
export function AddTrouble({ workflow, adding }: AddFormProps) {
  if (adding.error === null) return null;
  if (adding.variables === undefined && !isTaken(adding.error)) {
    return (
      <Notice tone="failed" urgent title="It was not added">
        {toProblem(adding.error).message}
      </Notice>
    );
  }
  return (
    <Notice tone="paused" urgent title={`You have another workflow with the key “${adding.variables ?? workflow.key}”`}>
      <Stack gap={8}>
        It stays as it is. Choose another key for this one.
        <KeyForm workflow={workflow} adding={adding} />
      </Stack>
    </Notice>
  );
}

/** The user's own copies, each with its page. */
export function AlreadyAdded({ copies }: { copies: readonly LibraryCopy[] }) {
  if (copies.length === 0) return null;
  return (
    <Notice tone="succeeded" icon="check" title={copies.length === 1 ? "In your workflows" : `In your workflows as ${plural(copies.length, "copy", "copies")}`}>
      <Group gap={12}>
        {copies.map((copy) => (
          <Anchor key={copy.id} renderRoot={(props) => <Link to="/workflows/$workflowId" params={{ workflowId: copy.id }} {...props} />}>
            {copy.name} <span className="ff-mono">{copy.key}</span>
          </Anchor>
        ))}
      </Group>
    </Notice>
  );
}

export function AddButton({ adding }: { adding: ReturnType<typeof useAddCopy> }) {
  return (
    <Button leftSection={<Icon name="plus" />} loading={adding.isPending} onClick={() => adding.mutate(undefined)}>
      Add to my workflows
    </Button>
  );
}
