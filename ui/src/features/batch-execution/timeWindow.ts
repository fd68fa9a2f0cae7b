/** The time window: parameters that every AMC workflow takes without declaring them. */
import type { Parameter } from "@/api/workflows";

export const windowTypes = [
  { value: "", label: "Most recent day (AMC's default)" },
  { value: "MOST_RECENT_WEEK", label: "Most recent week" },
  { value: "CURRENT_MONTH", label: "Current month" },
  { value: "PREVIOUS_MONTH", label: "Previous month" },
  { value: "EXPLICIT", label: "From … to …" },
  { value: "ALL", label: "All data" },
] as const;

const names = ["timeWindowType", "startDate", "endDate", "timeZone"] as const;

type WindowName = (typeof names)[number];
export type WindowErrors = Partial<Record<WindowName, string>>;

export const isWindowName = (name: string): name is WindowName => names.some((known) => known === name);

/** The parameters that the form lists: the time window has fields of its own. */
export const ordinaryParameters = (parameters: Parameter[]): Parameter[] =>
  parameters.filter(({ name }) => !isWindowName(name));

const bound = (name: "startDate" | "endDate"): Parameter => ({
  name,
  data_type: "DATE",
  required: false,
  default: null,
  description: "",
});

/** Columns of the overrides: a time window can differ per instance once it has explicit bounds. */
export const overridableParameters = (parameters: Parameter[], values: Readonly<Record<string, string>>): Parameter[] =>
  values.timeWindowType === "EXPLICIT"
    ? [...ordinaryParameters(parameters), bound("startDate"), bound("endDate")]
    : ordinaryParameters(parameters);

const bounds = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?)?$/;

/** AMC wants seconds; a browser's field leaves them out when they are zero. */
export const withSeconds = (text: string): string => (/T\d{2}:\d{2}$/.test(text) ? `${text}:00` : text);

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

export function windowErrors(values: Readonly<Record<string, string>>): WindowErrors {
  const errors: WindowErrors = {};
  const { startDate = "", endDate = "", timeZone = "" } = values;
  if (timeZone !== "" && !isTimeZone(timeZone)) errors.timeZone = "Enter a time zone such as Europe/Berlin.";
  if (values.timeWindowType !== "EXPLICIT") return errors;
  if (!bounds.test(startDate)) errors.startDate = "Choose the first day.";
  if (!bounds.test(endDate)) errors.endDate = "Choose the last day.";
  if (errors.startDate !== undefined || errors.endDate !== undefined) return errors;
  const exact = startDate.includes("T");
  if (exact !== endDate.includes("T")) errors.endDate = "Both ends must be days, or both exact times.";
  else if (exact ? startDate >= endDate : startDate > endDate) errors.endDate = "The end lies before the start.";
  return errors;
}

/** The part of the request that sets the window. */
export function windowParameters(values: Readonly<Record<string, string>>): Record<string, string> {
  const { timeWindowType = "", startDate = "", endDate = "", timeZone = "" } = values;
  const zone: Record<string, string> = timeZone === "" ? {} : { timeZone };
  if (timeWindowType === "EXPLICIT") return { startDate: withSeconds(startDate), endDate: withSeconds(endDate), ...zone };
  return timeWindowType === "" ? zone : { timeWindowType, ...zone };
}
