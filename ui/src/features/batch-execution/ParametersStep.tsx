import { Fieldset, SimpleGrid, Stack, Text } from "@mantine/core";
import type { Parameter } from "@/api/workflows";
import { ParameterField } from "./ParameterField";
import { TimeWindowFields } from "./TimeWindowFields";
import { ordinaryParameters } from "./timeWindow";

interface ParametersStepProps {
  parameters: Parameter[];
  values: Readonly<Record<string, string>>;
  errors: Readonly<Record<string, string>>;
  onChange: (name: string, text: string) => void;
}

export function ParametersStep({ parameters, values, errors, onChange }: ParametersStepProps) {
  const ordinary = ordinaryParameters(parameters);
  return (
    <Stack gap={12}>
      <Text c="dimmed">These hold for all instances. What you leave blank keeps its default.</Text>
      <TimeWindowFields values={values} errors={errors} onChange={onChange} />
      {ordinary.length > 0 && (
        <Fieldset legend="Declared parameters" p={12}>
          <SimpleGrid cols={{ base: 1, sm: 2 }} spacing={12}>
            {ordinary.map((parameter) => (
              <ParameterField key={parameter.name} parameter={parameter} text={values[parameter.name] ?? ""}
                error={errors[parameter.name]} onChange={(text) => onChange(parameter.name, text)} />
            ))}
          </SimpleGrid>
        </Fieldset>
      )}
      {ordinary.length === 0 && <Text c="dimmed">This workflow declares no parameters of its own.</Text>}
    </Stack>
  );
}
