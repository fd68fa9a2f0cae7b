import { NativeSelect, TextInput } from "@mantine/core";
import type { Parameter } from "@/api/workflows";
import { elementType, textOfValue } from "./parameterText";

interface ParameterFieldProps {
  parameter: Parameter;
  text: string;
  error: string | undefined;
  onChange: (text: string) => void;
}

const inputTypes: Record<string, string> = { DATE: "date", TIMESTAMP: "datetime-local" };

function description(parameter: Parameter): string {
  const list = elementType(parameter.data_type) === undefined ? "" : "separate several with commas";
  return [parameter.description, list].filter((part) => part !== "").join("; ");
}

/** One shared parameter; left blank, the declared default holds. */
export function ParameterField({ parameter, text, error, onChange }: ParameterFieldProps) {
  const byDefault = textOfValue(parameter.default);
  const common = {
    id: `parameter-${parameter.name}`,
    size: "xs" as const,
    label: (
      <>
        <span className="ff-mono">{parameter.name}</span> <span style={{ fontWeight: 400 }}>{parameter.data_type}</span>
      </>
    ),
    description: description(parameter) || undefined,
    required: parameter.required && byDefault === "",
    error,
  };
  if (parameter.data_type.toUpperCase() === "BOOLEAN") {
    const unset = byDefault === "" ? "Not given" : `Default: ${byDefault}`;
    return (
      <NativeSelect {...common} value={text} data={[{ value: "", label: unset }, "true", "false"]}
        onChange={(event) => onChange(event.currentTarget.value)} />
    );
  }
  return (
    <TextInput {...common} value={text} type={inputTypes[parameter.data_type.toUpperCase()] ?? "text"} step={1}
      placeholder={byDefault === "" ? undefined : `Default: ${byDefault}`} onChange={(event) => onChange(event.currentTarget.value)} />
  );
}
