/** A check's steps in the words of people, those of one sort together. */
import type { HealthStep } from "@/api/connections";

const stepWords: Record<string, string> = {
  secrets: "Open the secrets",
  settings: "Read the settings",
  open: "Open the connection",
  call: "Call it",
  connect: "Connect",
  sign_in: "Sign in",
  accounts: "List the accounts",
  instances: "List the instances of each account",
  data_sources: "List the tables of instances",
};

export const stepTitle = (step: string): string =>
  stepWords[step] ?? step.charAt(0).toUpperCase() + step.slice(1).replaceAll("_", " ");

export interface StepGroup {
  step: string;
  ok: boolean;
  parts: HealthStep[];
}

export function stepGroups(steps: readonly HealthStep[]): StepGroup[] {
  const groups: StepGroup[] = [];
  for (const part of steps) {
    const known = groups.find(({ step }) => step === part.step);
    if (known === undefined) groups.push({ step: part.step, ok: part.ok, parts: [part] });
    else {
      known.parts.push(part);
      known.ok &&= part.ok;
    }
  }
  return groups;
}

export const causeWords: Record<string, string> = {
  secrets: "The stored secrets cannot be opened",
  settings: "The settings are not right",
  credentials: "The credentials are refused",
  no_access: "The login is good, but may not see this",
  terms: "Terms have to be accepted first",
  throttled: "Amazon asked for a pause",
  unreachable: "It cannot be reached",
  remote_fault: "The other side failed",
  refused: "The call was refused",
  timeout: "No answer came in time",
};
