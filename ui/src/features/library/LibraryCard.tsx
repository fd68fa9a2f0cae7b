import { Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { LibraryEntry } from "@/api/library";
import { Icon } from "@/components/Icon";
import { plural } from "@/model/wording";
import classes from "./LibraryPage.module.css";

export function LibraryCard({ entry }: { entry: LibraryEntry }) {
  return (
    <li className={classes.card}>
      <Link to="/library/$key" params={{ key: entry.key }} className={classes.link}>
        {entry.name}
      </Link>
      <Text className={classes.about} c="dimmed" size="sm">
        {entry.description}
      </Text>
      <div className={classes.foot}>
        <span>{plural(entry.columns.length, "column")}</span>
        <span>{entry.parameters.length === 0 ? "no parameters" : plural(entry.parameters.length, "parameter")}</span>
        {entry.copies.length > 0 && (
          <span className={classes.added}>
            <Icon name="check" size={12} />
            In your workflows
          </span>
        )}
      </div>
    </li>
  );
}
