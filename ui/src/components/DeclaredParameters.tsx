import { Table, Text, Title } from "@mantine/core";
import type { Parameter } from "@/api/workflows";
import { Scroll } from "@/components/Scroll";

const shown = (value: unknown): string =>
  value === null || value === undefined ? "–" : typeof value === "string" ? value : JSON.stringify(value);

function ParameterRow({ parameter }: { parameter: Parameter }) {
  return (
    <Table.Tr>
      <Table.Td>
        <span className="ff-mono">{parameter.name}</span>
        {parameter.description && (
          <Text size="xs" c="dimmed">
            {parameter.description}
          </Text>
        )}
      </Table.Td>
      <Table.Td className="ff-mono">{parameter.data_type}</Table.Td>
      <Table.Td>{parameter.required ? "required" : "optional"}</Table.Td>
      <Table.Td className="ff-mono">{shown(parameter.default)}</Table.Td>
    </Table.Tr>
  );
}

/** What a workflow asks for when it runs. */
export function DeclaredParameters({ parameters }: { parameters: Parameter[] }) {
  return (
    <section aria-labelledby="parameters">
      <Title order={2} id="parameters" mb={4}>
        Parameters
      </Title>
      {parameters.length === 0 ? (
        <Text c="dimmed">None declared. The time window is set when it runs.</Text>
      ) : (
        <Scroll label="Declared parameters, table">
          <Table verticalSpacing={4} horizontalSpacing={8} aria-label="Declared parameters">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Name</Table.Th>
                <Table.Th>Type</Table.Th>
                <Table.Th>Needed</Table.Th>
                <Table.Th>Default</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {parameters.map((parameter) => (
                <ParameterRow key={parameter.name} parameter={parameter} />
              ))}
            </Table.Tbody>
          </Table>
        </Scroll>
      )}
    </section>
  );
}
