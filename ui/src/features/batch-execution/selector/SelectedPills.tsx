import { Pill, UnstyledButton } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { keepPreviousData } from "@tanstack/react-query";
import { instanceLookupQuery } from "@/api/instances";
import { formatCount } from "@/model/wording";
import { fitPills } from "./fitPills";
import classes from "./SelectedPills.module.css";

/** More than two lines never hold, whatever the width. */
const enough = 40;

interface SelectedPillsProps {
  selected: ReadonlySet<string>;
  onRemove: (id: string) => void;
  onShowAll: () => void;
}

export function SelectedPills({ selected, onRemove, onShowAll }: SelectedPillsProps) {
  const { ref, width } = useElementSize();
  const leading = [...selected].slice(0, enough);
  const { data = [] } = useQuery({ ...instanceLookupQuery(leading), placeholderData: keepPreviousData });
  const names = new Map(data.map((instance) => [instance.id, instance.name]));
  const texts = leading.map((id) => names.get(id) ?? "…");
  const shown = fitPills(texts, selected.size, width);
  return (
    <div ref={ref} className={classes.pills}>
      {leading.slice(0, shown).map((id, index) => (
        <Pill key={id} withRemoveButton maw={220} classNames={{ root: classes.pill }} onRemove={() => onRemove(id)}
          removeButtonProps={{ "aria-label": `Remove ${texts[index] ?? id}`, tabIndex: 0, "aria-hidden": false }}>
          {texts[index]}
        </Pill>
      ))}
      {shown < selected.size && (
        <UnstyledButton className={classes.more} onClick={onShowAll}>
          +{formatCount(selected.size - shown)} more
        </UnstyledButton>
      )}
    </div>
  );
}
