/** Cuts AMC SQL into words to colour. It never refuses: what it does not know is plain text. */

export type SqlKind = "keyword" | "string" | "number" | "comment" | "parameter" | "plain";

export interface SqlToken {
  kind: SqlKind;
  text: string;
}

const keywords = new Set(
  `all and array as asc between by case cast count count_if cross current_date current_timestamp date desc distinct
  else end except exists extract false filter first from full group having if in inner intersect interval is join
  last left like limit max min not null nulls on or order outer over partition right round select sum then timestamp
  true union using values when where with avg coalesce built_in_parameter custom_parameter`.split(/\s+/),
);

const rules: [kind: SqlKind | "word", pattern: RegExp][] = [
  ["comment", /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/y],
  ["parameter", /(?:custom|built_in)_parameter\s*\(\s*'[^']*'\s*\)/iy],
  ["string", /'(?:[^']|'')*(?:'|$)/y],
  ["number", /\d+(?:\.\d+)?/y],
  ["word", /[A-Za-z_][A-Za-z0-9_]*/y],
  ["plain", /[^-/'\dA-Za-z_]+|[\s\S]/y],
];

function nextToken(sql: string, start: number): SqlToken {
  for (const [kind, pattern] of rules) {
    pattern.lastIndex = start;
    const text = pattern.exec(sql)?.[0];
    if (text === undefined) continue;
    if (kind !== "word") return { kind, text };
    return { kind: keywords.has(text.toLowerCase()) ? "keyword" : "plain", text };
  }
  return { kind: "plain", text: sql.slice(start) };
}

export function tokenizeSql(sql: string): SqlToken[] {
  const tokens: SqlToken[] = [];
  for (let at = 0; at < sql.length; ) {
    const token = nextToken(sql, at);
    const last = tokens.at(-1);
    if (last?.kind === "plain" && token.kind === "plain") last.text += token.text;
    else tokens.push(token);
    at += token.text.length;
  }
  return tokens;
}

/** The words line by line, the line ends taken away; a comment over several lines is one word in each. */
export function sqlLines(sql: string): SqlToken[][] {
  const lines: SqlToken[][] = [[]];
  for (const { kind, text } of tokenizeSql(sql)) {
    const [first = "", ...more] = text.split("\n");
    if (first !== "") lines.at(-1)?.push({ kind, text: first });
    for (const part of more) lines.push(part === "" ? [] : [{ kind, text: part }]);
  }
  return lines;
}
