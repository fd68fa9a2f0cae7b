import { ActionIcon } from "@mantine/core";
import type { CSSProperties } from "react";
import type { Parameter } from "@/api/workflows";
import { Icon } from "@/components/Icon";
import classes from "./OverrideGrid.module.css";
import type { OverrideActions } from "./OverridesStep";
import { inheritedText } from "./parameterText";

interface OverrideRowProps extends OverrideActions {
  id: string;
  name: string;
  rowIndex: number;
  columns: Parameter[];
  shared: Readonly<Record<string, string>>;
  texts: Readonly<Record<string, string>> | undefined;
  errors: Readonly<Record<string, string>> | undefined;
  style: CSSProperties;
}

export function OverrideRow({ id, name, rowIndex, columns, shared, texts, errors, style, onChange, onReset }: OverrideRowProps) {
  return (
    <div className={classes.row} role="row" aria-rowindex={rowIndex} style={style}>
      <span role="rowheader" className={classes.name} title={name}>
        {name}
      </span>
      {columns.map((parameter) => {
        const text = texts?.[parameter.name] ?? "";
        const error = errors?.[parameter.name];
        return (
          <span key={parameter.name} role="cell">
            <input className={classes.input} data-overridden={text !== "" || undefined} id={`override-${id}-${parameter.name}`}
              aria-label={`${parameter.name} for ${name}${error === undefined ? "" : `: ${error}`}`} aria-invalid={error !== undefined} title={error}
              placeholder={inheritedText(parameter, shared[parameter.name])} value={text}
              onChange={(event) => onChange(id, parameter.name, event.currentTarget.value)} />
          </span>
        );
      })}
      <span role="cell">
        {texts !== undefined && (
          <ActionIcon variant="subtle" color="gray" size={26} aria-label={`Reset the overrides of ${name}`} onClick={() => onReset(id)}>
            <Icon name="undo" />
          </ActionIcon>
        )}
      </span>
    </div>
  );
}
