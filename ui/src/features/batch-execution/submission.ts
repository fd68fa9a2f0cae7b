/** From the draft to the request, and from the request's errors back to the draft's fields. */
import type { Problem } from "@/api/problem";
import type { BatchSubmission, Parameter } from "@/api/workflows";
import type { Draft } from "./draft";
import { inheritedText, parseText } from "./parameterText";
import { isWindowName, ordinaryParameters, overridableParameters, windowErrors, windowParameters, withSeconds } from "./timeWindow";

export interface DraftErrors {
  /** Belongs to no field. */
  general: string[];
  /** About the choice of instances as a whole. */
  selection: string[];
  instances: Record<string, string>;
  parameters: Record<string, string>;
  overrides: Record<string, Record<string, string>>;
  name?: string;
  description?: string;
}

export const noErrors = (): DraftErrors => ({ general: [], selection: [], instances: {}, parameters: {}, overrides: {} });

export function countErrors(errors: DraftErrors): number {
  const overrides = Object.values(errors.overrides).reduce((sum, fields) => sum + Object.keys(fields).length, 0);
  const described = [errors.name, errors.description].filter((message) => message !== undefined).length;
  const { general, selection, instances, parameters } = errors;
  return general.length + selection.length + Object.keys(instances).length + Object.keys(parameters).length + overrides + described;
}

const setIn = (fields: Record<string, Record<string, string>>, id: string, name: string, message: string) => {
  fields[id] = { ...fields[id], [name]: message };
};

function overrideErrors(draft: Draft, parameters: Parameter[], errors: DraftErrors) {
  const byName = new Map(overridableParameters(parameters, draft.values).map((parameter) => [parameter.name, parameter]));
  for (const [id, fields] of Object.entries(draft.overrides)) {
    if (!draft.selected.has(id)) continue;
    for (const [name, text] of Object.entries(fields)) {
      const parameter = byName.get(name);
      if (parameter === undefined || isWindowName(name)) continue;
      const parsed = parseText(parameter.data_type, text);
      if ("error" in parsed) setIn(errors.overrides, id, name, parsed.error);
    }
  }
}

const overriddenEverywhere = (draft: Draft, name: string) =>
  draft.selected.size > 0 && [...draft.selected].every((id) => (draft.overrides[id]?.[name] ?? "") !== "");

/** What can be seen to be wrong before asking the server. */
export function checkDraft(draft: Draft, parameters: Parameter[]): DraftErrors {
  const errors = noErrors();
  if (draft.selected.size === 0) errors.selection.push("Choose at least one instance.");
  for (const parameter of ordinaryParameters(parameters)) {
    const text = draft.values[parameter.name] ?? "";
    if (text === "") {
      const missing = parameter.required && inheritedText(parameter) === "" && !overriddenEverywhere(draft, parameter.name);
      if (missing) errors.parameters[parameter.name] = "This parameter is required.";
      continue;
    }
    const parsed = parseText(parameter.data_type, text);
    if ("error" in parsed) errors.parameters[parameter.name] = parsed.error;
  }
  Object.assign(errors.parameters, windowErrors(draft.values));
  overrideErrors(draft, parameters, errors);
  return errors;
}

function parsedFields(texts: Readonly<Record<string, string>>, parameters: Parameter[]): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const { name, data_type: dataType } of parameters) {
    const text = texts[name] ?? "";
    if (text === "") continue;
    const parsed = isWindowName(name) ? { value: withSeconds(text) } : parseText(dataType, text);
    fields[name] = "value" in parsed ? parsed.value : text;
  }
  return fields;
}

/** The request's body; overrides of instances that are not chosen stay behind. */
export function toSubmission(draft: Draft, parameters: Parameter[]): BatchSubmission {
  const columns = overridableParameters(parameters, draft.values);
  const overrides = Object.entries(draft.overrides)
    .filter(([id]) => draft.selected.has(id))
    .map(([id, texts]) => [id, parsedFields(texts, columns)] as const)
    .filter(([, fields]) => Object.keys(fields).length > 0);
  return {
    instance_ids: [...draft.selected],
    parameters: { ...parsedFields(draft.values, ordinaryParameters(parameters)), ...windowParameters(draft.values) },
    instance_parameters: Object.fromEntries(overrides),
    name: draft.name.trim() || undefined,
    description: draft.description.trim() || undefined,
  };
}

const unescape = (part: string) => part.replaceAll("~1", "/").replaceAll("~0", "~");

/** Puts every error of a refusal where its cause was typed; what points nowhere we know stays general. */
export function mapProblem(problem: Problem, submission: BatchSubmission): DraftErrors {
  const errors = noErrors();
  for (const { pointer, message } of problem.errors) {
    const [place, key, field] = pointer.replace(/^#?\//, "").split("/").map(unescape);
    const instance = place === "instance_ids" && key !== undefined ? submission.instance_ids[Number(key)] : undefined;
    if (instance !== undefined) errors.instances[instance] = message;
    else if (place === "instance_ids") errors.selection.push(message);
    else if (place === "parameters" && key !== undefined) errors.parameters[key] = message;
    else if (place === "instance_parameters" && key !== undefined && field !== undefined) setIn(errors.overrides, key, field, message);
    else if (place === "instance_parameters" && key !== undefined) errors.instances[key] = message;
    else if (place === "name" || place === "description") errors[place] = message;
    else errors.general.push(message);
  }
  if (problem.errors.length === 0) errors.general.push(problem.message);
  return errors;
}
