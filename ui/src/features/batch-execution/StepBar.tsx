import { UnstyledButton } from "@mantine/core";
import classes from "./StepBar.module.css";
import { steps, stepTitles, type Step } from "./steps";

interface StepBarProps {
  current: Step;
  /** Said after the title: "12", "2 overridden". */
  notes: Partial<Record<Step, string>>;
  errorCounts: Partial<Record<Step, number>>;
  onStep: (step: Step) => void;
}

export function StepBar({ current, notes, errorCounts, onStep }: StepBarProps) {
  return (
    <nav aria-label="Steps">
      <ol className={classes.bar}>
        {steps.map((step, index) => {
          const errors = errorCounts[step] ?? 0;
          return (
            <li key={step}>
              <UnstyledButton className={classes.step} aria-current={step === current ? "step" : undefined} onClick={() => onStep(step)}>
                <span className={classes.number} aria-hidden>
                  {index + 1}
                </span>
                {stepTitles[step]}
                {notes[step] && <span className={classes.note}>{notes[step]}</span>}
                {errors > 0 && (
                  <span className={classes.errors}>
                    {errors}
                    <span className="ff-sr-only"> to put right</span>
                  </span>
                )}
              </UnstyledButton>
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
