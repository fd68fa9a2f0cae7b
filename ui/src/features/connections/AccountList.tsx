import { Group, Stack, Text } from "@mantine/core";
import type { AskedAccount } from "@/api/connections";
import { StatusPill } from "@/components/StatusPill";
import type { Look } from "@/model/status";
import { plural } from "@/model/wording";
import classes from "./Connections.module.css";
import { TroubleBox } from "./TroubleBox";

const looks: Record<AskedAccount["access"], Look> = {
  listed: { word: "Listed", tone: "succeeded" },
  no_access: { word: "No access", tone: "skipped" },
  fault: { word: "Fault", tone: "failed" },
  not_asked: { word: "Not asked", tone: "paused" },
};

/** Each account that was asked: what may not be seen is told apart from what failed. */
export function AccountList({ accounts }: { accounts: readonly AskedAccount[] }) {
  const troubled = accounts.filter(({ access, trouble }) => access === "fault" && trouble !== null);
  return (
    <Stack gap={8}>
      <ul className={classes.accounts} aria-label="Accounts">
        {accounts.map((account) => (
          <li key={`${account.account_id}:${account.marketplace_id}`} className={classes.account}>
            <Group gap={8} justify="space-between" wrap="nowrap">
              <Text fw={600} truncate>
                {account.account_name || account.account_id}
              </Text>
              <StatusPill look={looks[account.access]} />
            </Group>
            <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
              <span className="ff-mono">{account.account_id}</span> {account.marketplace_id}
            </Text>
            <Text size="xs" c="dimmed">
              {account.access === "listed" ? plural(account.instance_count, "instance") : account.access === "no_access" ? "this login may not see it" : "see below"}
            </Text>
          </li>
        ))}
      </ul>
      {troubled.map(({ account_id: id, account_name: name, trouble }) => trouble && <TroubleBox key={id} where={name || id} trouble={trouble} />)}
    </Stack>
  );
}
