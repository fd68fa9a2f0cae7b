/** What the batch execution dialog holds while a batch is being put together. */

export interface Draft {
  name: string;
  description: string;
  /** Ids of instances, in the order in which they were chosen. */
  selected: ReadonlySet<string>;
  /** Shared parameters as typed; blank means "not given". */
  values: Readonly<Record<string, string>>;
  /** By instance, then parameter, as typed; blank means "as shared". */
  overrides: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export type DraftAction =
  | { type: "choose"; ids: readonly string[] }
  | { type: "drop"; ids: readonly string[] }
  | { type: "clear" }
  | { type: "value"; name: string; text: string }
  | { type: "override"; instance: string; name: string; text: string }
  | { type: "reset"; instance: string }
  | { type: "describe"; field: "name" | "description"; text: string };

export const emptyDraft = (name: string): Draft => ({
  name,
  description: "",
  selected: new Set(),
  values: {},
  overrides: {},
});

function without<T>(record: Readonly<Record<string, T>>, key: string): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => name !== key));
}

function withOverride(draft: Draft, instance: string, name: string, text: string): Draft {
  const before = draft.overrides[instance] ?? {};
  const after = text === "" ? without(before, name) : { ...before, [name]: text };
  const overrides =
    Object.keys(after).length === 0 ? without(draft.overrides, instance) : { ...draft.overrides, [instance]: after };
  return { ...draft, overrides };
}

export function reduceDraft(draft: Draft, action: DraftAction): Draft {
  switch (action.type) {
    case "choose":
      return { ...draft, selected: new Set([...draft.selected, ...action.ids]) };
    case "drop": {
      const dropped = new Set(action.ids);
      // Overrides of a dropped instance stay: who chooses it again finds them again.
      return { ...draft, selected: new Set([...draft.selected].filter((id) => !dropped.has(id))) };
    }
    case "clear":
      return { ...draft, selected: new Set() };
    case "value":
      return { ...draft, values: { ...draft.values, [action.name]: action.text } };
    case "override":
      return withOverride(draft, action.instance, action.name, action.text);
    case "reset":
      return { ...draft, overrides: without(draft.overrides, action.instance) };
    case "describe":
      return { ...draft, [action.field]: action.text };
  }
}

/** How many of the chosen instances have at least one override. */
export const overriddenCount = (draft: Draft): number =>
  Object.keys(draft.overrides).filter((id) => draft.selected.has(id)).length;
