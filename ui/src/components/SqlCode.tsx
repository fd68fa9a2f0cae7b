import { useEffect, useMemo, useRef } from "react";
import { sqlLines } from "@/model/sql";
import classes from "./SqlCode.module.css";

interface SqlCodeProps {
  sql: string;
  label: string;
  /** Lines to point at, 1-based, and how. */
  marks?: ReadonlyMap<number, "error" | "warning">;
  /** The line to show; a new object shows it again. */
  shown?: { line: number };
}

export function SqlCode({ sql, label, marks, shown }: SqlCodeProps) {
  const lines = useMemo(() => sqlLines(sql), [sql]);
  const box = useRef<HTMLPreElement>(null);
  useEffect(() => {
    if (shown === undefined) return;
    box.current?.querySelector(`[data-line="${shown.line}"]`)?.scrollIntoView({ block: "center" });
    box.current?.focus({ preventScroll: true });
  }, [shown]);
  return (
    <pre ref={box} className={classes.code} tabIndex={0} role="region" aria-label={label}>
      <code>
        {lines.map((tokens, index) => (
          <span key={index} className={classes.line} data-line={index + 1} data-mark={marks?.get(index + 1)} data-current={shown?.line === index + 1 || undefined}>
            {tokens.map((token, at) => (
              <span key={at} data-kind={token.kind}>
                {token.text}
              </span>
            ))}
            {"\n"}
          </span>
        ))}
      </code>
    </pre>
  );
}
