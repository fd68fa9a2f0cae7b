import { Anchor, Badge, Button, Group, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import type { LibraryCopy, LibraryWorkflow } from "@/api/library";
import { libraryWorkflowQuery } from "@/api/library";
import { Icon } from "@/components/Icon";
import { DeclaredParameters } from "@/components/DeclaredParameters";
import { Page } from "@/components/Page";
import { Failure, Loading } from "@/components/PageState";
import { SqlCode } from "@/components/SqlCode";
import { AddButton, AddTrouble, AlreadyAdded, useAddCopy } from "./AddToWorkflows";
import { themeTitle } from "./themes";

const route = getRouteApi("/shell/library/$key");

function NameList({ id, title, names, children }: { id: string; title: string; names: string[]; children: string }) {
  return (
    <section aria-labelledby={id}>
      <Title order={2} id={id} mb={4}>
        {title}
      </Title>
      <Text c="dimmed" mb={8}>
        {children}
      </Text>
      <Group component="ul" gap={4} m={0} p={0} style={{ listStyle: "none" }}>
        {names.map((name) => (
          <Badge key={name} component="li" variant="default" tt="none" fw={400} className="ff-mono">
            {name}
          </Badge>
        ))}
      </Group>
    </section>
  );
}

function RunCopy({ copy }: { copy: LibraryCopy }) {
  return (
    <Button leftSection={<Icon name="play" size={14} />} renderRoot={(props) => <Link to="." search={(old) => ({ ...old, run: copy.id })} {...props} />}>
      Run over instances
    </Button>
  );
}

function Shown({ workflow }: { workflow: LibraryWorkflow }) {
  const adding = useAddCopy(workflow);
  const own = workflow.copies.at(-1);
  return (
    <Page title={workflow.name} heading={<Badge variant="default" tt="none" fw={400}>{themeTitle(workflow.theme)}</Badge>}
      actions={own === undefined ? <AddButton adding={adding} /> : <RunCopy copy={own} />}>
      <Text maw={760}>{workflow.description}</Text>
      <AlreadyAdded copies={workflow.copies} />
      <AddTrouble workflow={workflow} adding={adding} />
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing={24}>
        <section aria-labelledby="sql">
          <Title order={2} id="sql" mb={4}>
            SQL
          </Title>
          <SqlCode sql={workflow.sql_query} label="The workflow's SQL" />
        </section>
        <Stack gap={24}>
          <NameList id="returns" title="What it returns" names={workflow.columns}>
            One row for each group of the query, from every instance, with these columns beside the instance&apos;s name and id.
          </NameList>
          <DeclaredParameters parameters={workflow.parameters} />
          <NameList id="reads" title="What it reads" names={workflow.tables}>
            Tables of AMC; a check on your instances tells which of them have all.
          </NameList>
        </Stack>
      </SimpleGrid>
    </Page>
  );
}

/** One workflow of the library: what it asks, what it answers, and the way to run it. */
export function LibraryWorkflowPage() {
  const { key } = route.useParams();
  const { data: workflow, error, refetch } = useQuery(libraryWorkflowQuery(key));
  if (workflow) {
    return (
      <>
        <Anchor pl={16} pt={12} display="inline-block" renderRoot={(props) => <Link to="/library" {...props} />}>
          ← Library
        </Anchor>
        <Shown key={workflow.key} workflow={workflow} />
      </>
    );
  }
  return (
    <Page title="Library">
      {error ? <Failure error={error} what="The workflow could not be loaded" onRetry={() => void refetch()} /> : <Loading rows={12} label="Loading the workflow" />}
    </Page>
  );
}
