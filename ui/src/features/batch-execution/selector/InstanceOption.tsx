import type { Instance } from "@/api/instances";
import { Icon } from "@/components/Icon";
import classes from "./InstanceList.module.css";
import { optionHeight } from "./optionHeight";

interface InstanceOptionProps {
  id: string;
  /** Absent while its page is read. */
  instance: Instance | undefined;
  selected: boolean;
  active: boolean;
  error: string | undefined;
  /** 1-based, among `total`. */
  position: number;
  total: number;
  top: number;
  onToggle: (instance: Instance) => void;
}

export function InstanceBadges({ instance }: { instance: Instance }) {
  return (
    <span className={classes.badges}>
      {instance.sandbox && (
        <span className={classes.badge} data-kind="sandbox">
          sandbox
        </span>
      )}
      <span className={classes.badge}>{instance.region}</span>
      {instance.brands.map((brand) => (
        <span key={brand} className={classes.badge} data-kind="brand">
          {brand}
        </span>
      ))}
    </span>
  );
}

export function InstanceOption({ id, instance, selected, active, error, position, total, top, onToggle }: InstanceOptionProps) {
  return (
    <div id={id} role="option" className={classes.option} aria-selected={selected} aria-setsize={total} aria-posinset={position}
      aria-label={instance === undefined ? "Loading" : undefined} data-active={active || undefined}
      style={{ top, height: optionHeight }} onClick={() => instance && onToggle(instance)}>
      {instance === undefined ? (
        <span className={classes.waiting} />
      ) : (
        <>
          <span className={classes.mark}>{selected && <Icon name="check" size={12} />}</span>
          <span className={classes.text}>
            <div className={classes.name}>{instance.name}</div>
            {error === undefined ? (
              <div className={classes.account}>
                <span className="ff-mono">{instance.instance_id}</span> ·{" "}
                <span className={classes.inlineBrands}>{instance.brands.join(", ")} · </span>
                {instance.account_name}
              </div>
            ) : (
              <div className={classes.error}>{error}</div>
            )}
          </span>
          <InstanceBadges instance={instance} />
        </>
      )}
    </div>
  );
}
