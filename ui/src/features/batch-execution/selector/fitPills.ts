/** How many pills go into two lines, so that the list of instances below is not pushed off the screen. */

const pixelsPerLetter = 6.6;
const padding = 36;
const gap = 4;
const widest = 220;

export const pillWidth = (text: string): number => Math.min(widest, text.length * pixelsPerLetter + padding);

/** The number of leading `texts` that fit, keeping room for a "+n more" at the end when not all do. */
export function fitPills(texts: readonly string[], total: number, width: number): number {
  const lines = 2;
  const more = pillWidth(`+${total} more`);
  let line = 1;
  let used = 0;
  for (const [index, text] of texts.entries()) {
    const wide = pillWidth(text);
    if (used > 0 && used + gap + wide > width) {
      line += 1;
      used = 0;
    }
    if (line > lines) return index;
    const end = used === 0 ? wide : used + gap + wide;
    const last = index === total - 1;
    if (!last && line === lines && end + gap + more > width) return index;
    used = end;
  }
  return texts.length;
}
