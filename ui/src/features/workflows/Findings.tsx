import { Text } from "@mantine/core";
import type { Finding } from "@/api/checks";
import { StatusPill } from "@/components/StatusPill";
import classes from "./Findings.module.css";

const errorLook = { word: "Error", tone: "failed" } as const;
const warningLook = { word: "Warning", tone: "paused" } as const;

interface FindingsProps {
  label: string;
  findings: readonly Finding[];
  onShow?: (line: number) => void;
}

function Place({ finding: { line, column }, onShow }: { finding: Finding; onShow?: (line: number) => void }) {
  if (line === null) return null;
  const text = `Line ${line}${column === null ? "" : `, column ${column}`}`;
  if (onShow === undefined) return <span>{text}</span>;
  return (
    <button type="button" className={classes.place} onClick={() => onShow(line)}>
      {text}
    </button>
  );
}

/** What a check found: where, by which rule, why, and how to put it right. */
export function Findings({ label, findings, onShow }: FindingsProps) {
  return (
    <ul className={classes.findings} aria-label={label}>
      {findings.map((finding, index) => {
        const look = finding.severity === "error" ? errorLook : warningLook;
        return (
          <li key={index} className={classes.finding} data-tone={look.tone}>
            <div className={classes.head}>
              <StatusPill look={look} />
              <Place finding={finding} onShow={onShow} />
              <span className={classes.rule}>{finding.rule}</span>
            </div>
            <Text fw={600}>{finding.message}</Text>
            <Text c="dimmed">{finding.explanation}</Text>
            {finding.fix && (
              <Text>
                <strong>What to do:</strong> {finding.fix}
              </Text>
            )}
          </li>
        );
      })}
    </ul>
  );
}
