import { Button, Group, Text } from "@mantine/core";
import { useCallback, useState } from "react";
import type { Workflow } from "@/api/workflows";
import { Icon } from "@/components/Icon";
import { formatCount, plural } from "@/model/wording";
import classes from "./BatchForm.module.css";
import { overriddenCount } from "./draft";
import type { Place } from "./ErrorList";
import { OverridesStep } from "./OverridesStep";
import { ParametersStep } from "./ParametersStep";
import { ReviewStep } from "./ReviewStep";
import { MultiInstanceSelector } from "./selector/MultiInstanceSelector";
import { StepBar } from "./StepBar";
import { stepAfter, stepBefore, steps, type Step } from "./steps";
import { countErrors, noErrors, type DraftErrors } from "./submission";
import { useBatchDraft } from "./useBatchDraft";

function errorsByStep(errors: DraftErrors): Record<Step, number> {
  const none = noErrors();
  return {
    instances: countErrors({ ...none, selection: errors.selection, instances: errors.instances }),
    parameters: countErrors({ ...none, parameters: errors.parameters }),
    overrides: countErrors({ ...none, overrides: errors.overrides }),
    review: errors.general.length,
  };
}

/** Empty required fields are no mistake before their step was left. */
const visible = (counts: Record<Step, number>, furthest: number) =>
  Object.fromEntries(steps.map((step, index) => [step, index < furthest ? counts[step] : 0]));

interface BatchFormProps {
  workflow: Workflow;
  onStarted: (batchId: string) => void;
}

export function BatchForm({ workflow, onStarted }: BatchFormProps) {
  const [step, setStep] = useState<Step>("instances");
  const [furthest, setFurthest] = useState(0);
  const form = useBatchDraft(workflow, step, onStarted);
  const { draft, dispatch, errors } = form;
  const go = (next: Step) => {
    setStep(next);
    setFurthest(Math.max(furthest, steps.indexOf(next)));
  };
  const jump = ({ step: target, field }: Place) => {
    go(target);
    // The field exists only after its step is drawn.
    if (field !== undefined) requestAnimationFrame(() => document.getElementById(field)?.focus());
  };
  const choose = useCallback((ids: readonly string[]) => dispatch({ type: "choose", ids }), [dispatch]);
  const drop = useCallback((ids: readonly string[]) => dispatch({ type: "drop", ids }), [dispatch]);
  const overridden = overriddenCount(draft);
  const count = draft.selected.size;
  const counts = errorsByStep(errors);
  const fieldErrors = furthest > steps.indexOf("parameters") || step !== "parameters" ? errors.parameters : typedOnly(errors.parameters, draft.values);

  return (
    <div className={classes.form}>
      <StepBar current={step} onStep={go} errorCounts={visible(counts, furthest)}
        notes={{ instances: count > 0 ? formatCount(count) : undefined, overrides: overridden > 0 ? formatCount(overridden) : undefined }} />
      <div className={classes.body}>
        {step === "instances" && (
          <MultiInstanceSelector selected={draft.selected} errors={errors.instances} onChoose={choose} onDrop={drop}
            onClear={() => dispatch({ type: "clear" })} />
        )}
        {step === "parameters" && (
          <ParametersStep parameters={workflow.parameters} values={draft.values} errors={fieldErrors}
            onChange={(name, text) => dispatch({ type: "value", name, text })} />
        )}
        {step === "overrides" && (
          <OverridesStep draft={draft} parameters={workflow.parameters} errors={errors.overrides}
            onChange={(instance, name, text) => dispatch({ type: "override", instance, name, text })}
            onReset={(instance) => dispatch({ type: "reset", instance })} />
        )}
        {step === "review" && (
          <ReviewStep draft={draft} errors={errors} preview={form.preview} loading={form.checking} onJump={jump}
            onDescribe={(field, text) => dispatch({ type: "describe", field, text })} />
        )}
      </div>
      <Group className={classes.footer} justify="space-between" gap={8}>
        <Text role="status">
          <strong>{plural(count, "instance")}</strong>
          {overridden > 0 && ` · ${formatCount(overridden)} overridden`}
        </Text>
        <Group gap={8}>
          <Button variant="default" disabled={step === "instances"} leftSection={<Icon name="chevronLeft" />} onClick={() => go(stepBefore(step))}>
            Back
          </Button>
          {step === "review" ? (
            <Button leftSection={<Icon name="play" size={14} />} disabled={!form.ready} loading={form.starting} onClick={form.submit}>
              Run on {plural(count, "instance")}
            </Button>
          ) : (
            <Button rightSection={<Icon name="chevronRight" />} onClick={() => go(stepAfter(step))}>
              Next
            </Button>
          )}
        </Group>
      </Group>
    </div>
  );
}

const typedOnly = (errors: Record<string, string>, values: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(errors).filter(([name]) => (values[name] ?? "") !== ""));
