import { Badge, Table, Text, Title } from "@mantine/core";

interface ParameterTableProps {
  /** Base parameters and overrides, merged: what the operation runs with. */
  parameters: Record<string, unknown>;
  overridden: string[];
}

export function ParameterTable({ parameters, overridden }: ParameterTableProps) {
  const names = Object.keys(parameters).sort();
  return (
    <section aria-labelledby="merged-parameters">
      <Title order={3} id="merged-parameters" mb={4}>
        Parameters
      </Title>
      {names.length === 0 && <Text c="dimmed">None.</Text>}
      {names.length > 0 && (
        <Table verticalSpacing={4} horizontalSpacing={8} aria-labelledby="merged-parameters">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Name</Table.Th>
              <Table.Th>Value</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {names.map((name) => (
              <Table.Tr key={name} bg={overridden.includes(name) ? "var(--ff-override)" : undefined}>
                <Table.Td className="ff-mono">{name}</Table.Td>
                <Table.Td className="ff-mono" style={{ overflowWrap: "anywhere" }}>
                  {JSON.stringify(parameters[name])}{" "}
                  {overridden.includes(name) && (
                    <Badge variant="default" size="xs" tt="none" fw={400}>
                      override
                    </Badge>
                  )}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </section>
  );
}
