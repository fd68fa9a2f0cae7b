import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { Workflow } from "@/api/workflows";
import { Icon } from "@/components/Icon";

export function RunButton({ workflow, compact = false }: { workflow: Workflow; compact?: boolean }) {
  return (
    <Button
      variant={compact ? "default" : "filled"}
      leftSection={<Icon name="play" size={14} />}
      renderRoot={(props) => <Link to="." search={(old) => ({ ...old, run: workflow.id })} {...props} />}
    >
      {compact ? "Run" : "Run on instances"}
      {compact && <span className="ff-sr-only"> {workflow.name} on instances</span>}
    </Button>
  );
}
