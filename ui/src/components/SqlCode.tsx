import { useMemo } from "react";
import { tokenizeSql } from "@/model/sql";
import classes from "./SqlCode.module.css";

export function SqlCode({ sql, label }: { sql: string; label: string }) {
  const tokens = useMemo(() => tokenizeSql(sql), [sql]);
  return (
    <pre className={classes.code} tabIndex={0} role="region" aria-label={label}>
      <code>
        {tokens.map((token, index) => (
          <span key={index} data-kind={token.kind}>
            {token.text}
          </span>
        ))}
      </code>
    </pre>
  );
}
