import { Anchor, Stack } from "@mantine/core";
import { Empty } from "@/components/PageState";
import classes from "./Connections.module.css";

const example = `curl -X POST "$FANFOLD_URL/connections" \\
  -H "Authorization: Bearer $FANFOLD_TOKEN" -H "Content-Type: application/json" \\
  -d '{"connector": "amc", "name": "EU login",
       "config": {"region": "eu", "client_id": "amzn1.application-oa2-client…"},
       "secrets": {"client_secret": "…", "refresh_token": "…"}}'`;

/** How a newcomer makes the first connection: secrets go from their terminal to the server, never through a browser. */
export function NoConnections() {
  return (
    <Empty title="No connection yet">
      <Stack gap={8}>
        <span>
          A connection is one login in one region. Make it from a terminal, so that its secrets never pass through a browser;
          they are encrypted before they are stored, and nobody sees them again.
        </span>
        <pre className={classes.example} tabIndex={0} role="region" aria-label="How to make a connection">
          {example}
        </pre>
        <span>
          A token comes from <code>POST /auth/token</code> with your name and password; all fields are at <Anchor href="/docs">/docs</Anchor>. Then come back: this page checks
          the connection and finds its instances.
        </span>
      </Stack>
    </Empty>
  );
}
