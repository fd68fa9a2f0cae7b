/** The dialog's steps, in order. */
export const steps = ["instances", "parameters", "overrides", "review"] as const;

export type Step = (typeof steps)[number];

export const stepTitles: Record<Step, string> = {
  instances: "Instances",
  parameters: "Parameters",
  overrides: "Overrides",
  review: "Review",
};

export const stepAfter = (step: Step): Step => steps[Math.min(steps.length - 1, steps.indexOf(step) + 1)] ?? step;
export const stepBefore = (step: Step): Step => steps[Math.max(0, steps.indexOf(step) - 1)] ?? step;
