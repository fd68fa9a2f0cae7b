import { Anchor, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { Page } from "@/components/Page";

export function NoSuchPage() {
  return (
    <main>
      <Page title="There is no such page">
        <Text>
          Check the address, or go to the{" "}
          <Anchor inherit underline="always" renderRoot={(props) => <Link to="/batches" {...props} />}>
            batches
          </Anchor>
          .
        </Text>
      </Page>
    </main>
  );
}
