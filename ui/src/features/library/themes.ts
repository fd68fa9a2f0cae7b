/** What a theme of the library is about, as its heading and in a line beneath. */

const themes: Record<string, [title: string, about: string]> = {
  attribution: ["Attribution", "Which touches get the credit for a purchase."],
  audience: ["Audiences", "Who the people are that saw, clicked or bought."],
  conversion: ["Conversion", "What people did after an ad, and how far they came."],
  cost: ["Cost and return", "What was paid for what came of it."],
  new_to_brand: ["New to brand", "Who bought from the brand for the first time."],
  overlap: ["Overlap", "Who was reached in more than one way."],
  path: ["Paths to purchase", "In which order people met the ads."],
  reach: ["Reach and frequency", "How many people saw something, and how often."],
  retail: ["Retail", "What happened in the store besides ads."],
  search: ["Search and keywords", "What people looked for, and what it brought."],
  time: ["Time", "When people saw, clicked and bought."],
  video: ["Video", "How far videos were watched, and what it brought."],
};

export const themeTitle = (theme: string): string =>
  themes[theme]?.[0] ?? theme.charAt(0).toUpperCase() + theme.slice(1).replaceAll("_", " ");

export const themeAbout = (theme: string): string | undefined => themes[theme]?.[1];

/** Neighbours of one theme together, in the order in which the server lists them. */
export function byTheme<T extends { theme: string }>(entries: readonly T[]): [theme: string, entries: T[]][] {
  const groups = new Map<string, T[]>();
  for (const entry of entries) groups.set(entry.theme, [...(groups.get(entry.theme) ?? []), entry]);
  return [...groups];
}
