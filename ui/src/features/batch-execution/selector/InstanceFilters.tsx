import { Group, NativeSelect, Select } from "@mantine/core";
import type { Facets, InstanceFilter } from "@/api/instances";
import { SearchField } from "@/components/SearchField";
import { formatCount } from "@/model/wording";

interface FacetSelectProps {
  label: string;
  plural: string;
  facet: Facets[keyof Facets] | undefined;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}

function FacetSelect({ label, plural, facet, value, onChange }: FacetSelectProps) {
  const options = (facet ?? []).map((item) => ({ value: item.value, label: `${item.value} (${formatCount(item.count)})` }));
  if (value !== undefined && !options.some((option) => option.value === value)) options.unshift({ value, label: value });
  return (
    <Select size="xs" w={142} aria-label={label} placeholder={`All ${plural}`} searchable clearable limit={100} data={options}
      clearButtonProps={{ "aria-label": `Clear: ${label}` }} nothingFoundMessage="Nothing found"
      value={value ?? null} onChange={(next) => onChange(next ?? undefined)} />
  );
}

const sandboxValue = (value: boolean | undefined) => (value === undefined ? "" : String(value));

interface InstanceFiltersProps {
  filter: InstanceFilter;
  facets: Facets | undefined;
  onChange: (filter: InstanceFilter) => void;
}

export function InstanceFilters({ filter, facets, onChange }: InstanceFiltersProps) {
  const set = (change: InstanceFilter) => onChange({ ...filter, ...change });
  return (
    <Group gap={8}>
      <SearchField label="Search instances" placeholder="Name, AMC id, brand or account" width={256}
        value={filter.q ?? ""} onChange={(q) => set({ q: q || undefined })} />
      <FacetSelect label="Region" plural="regions" facet={facets?.regions} value={filter.region} onChange={(region) => set({ region })} />
      <FacetSelect label="Brand" plural="brands" facet={facets?.brands} value={filter.brand} onChange={(brand) => set({ brand })} />
      <FacetSelect label="Account" plural="accounts" facet={facets?.accounts} value={filter.account} onChange={(account) => set({ account })} />
      <FacetSelect label="Tag" plural="tags" facet={facets?.tags} value={filter.tag} onChange={(tag) => set({ tag })} />
      <NativeSelect size="xs" w={142} aria-label="Sandbox" value={sandboxValue(filter.sandbox)}
        data={[{ value: "", label: "Real or sandbox" }, { value: "false", label: "Real only" }, { value: "true", label: "Sandbox only" }]}
        onChange={(event) => {
          const { value } = event.currentTarget;
          set({ sandbox: value === "" ? undefined : value === "true" });
        }} />
    </Group>
  );
}
