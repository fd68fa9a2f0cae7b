/** Parameters between the text in a field and the value in the request. The server's check stays the authority. */
import type { Parameter } from "@/api/workflows";

export type Parsed = { value: unknown } | { error: string };

const whole = /^[+-]?\d+$/;
const decimal = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;
const day = /^\d{4}-\d{2}-\d{2}$/;
const moment = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$/;

const wholeTypes = new Set(["INTEGER", "LONG", "SHORT", "BYTE"]);
const decimalTypes = new Set(["FLOAT", "DOUBLE", "DECIMAL"]);

/** `STRING` of `ARRAY<STRING>`; nothing when the type is no array. */
export const elementType = (dataType: string): string | undefined =>
  /^ARRAY\s*<\s*(\w+)\s*>$/i.exec(dataType)?.[1]?.toUpperCase();

const isDate = (text: string) => day.test(text) && !Number.isNaN(Date.parse(text));

function parseWhole(text: string): Parsed {
  if (!whole.test(text)) return { error: "Enter a whole number." };
  const value = Number(text);
  // Beyond 2^53 a JavaScript number would silently change: the digits travel as text.
  return { value: Number.isSafeInteger(value) ? value : text };
}

function parseOne(dataType: string, text: string): Parsed {
  const type = dataType.toUpperCase();
  if (wholeTypes.has(type)) return parseWhole(text);
  if (decimalTypes.has(type)) return decimal.test(text) ? { value: Number(text) } : { error: "Enter a number." };
  if (type === "BOOLEAN") return /^(true|false)$/i.test(text) ? { value: text.toLowerCase() === "true" } : { error: "Choose true or false." };
  if (type === "DATE") return isDate(text) ? { value: text } : { error: "Enter a date as YYYY-MM-DD." };
  if (type === "TIMESTAMP") return moment.test(text) ? { value: text } : { error: "Enter a time as YYYY-MM-DDTHH:MM:SS." };
  return { value: text };
}

function parseList(element: string, text: string): Parsed {
  const items = text.split(/[\n,]/).map((item) => item.trim()).filter((item) => item !== "");
  const values: unknown[] = [];
  for (const item of items) {
    const parsed = parseOne(element, item);
    if ("error" in parsed) return { error: `“${item}”: ${parsed.error}` };
    values.push(parsed.value);
  }
  return { value: values };
}

/** `text` is not blank: blank means that the parameter is not given. */
export function parseText(dataType: string, text: string): Parsed {
  const element = elementType(dataType);
  if (element !== undefined) return parseList(element, text);
  return parseOne(dataType, dataType.toUpperCase() === "STRING" ? text : text.trim());
}

/** A declared default, as a field would show it. */
export function textOfValue(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.map(textOfValue).join(", ");
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** What an empty field means: the shared value, else the declared default, else nothing. */
export function inheritedText(parameter: Parameter, shared?: string): string {
  return shared !== undefined && shared !== "" ? shared : textOfValue(parameter.default);
}
