/** Which names are shown: the weighty first, none over another. Pure. */

export interface Sign {
  text: string;
  x: number;
  y: number;
  /** How many sounds it names; the larger goes first. */
  count?: number | undefined;
  colour?: string | undefined;
}

export interface PlacedSign {
  sign: Sign;
  left: number;
  top: number;
  width: number;
}

const GAP_PX = 6;

/** Places names around their pixels. `measure` gives a text's width. */
export function placed(
  signs: readonly Sign[],
  toPixels: (sign: Sign) => readonly [number, number],
  measure: (text: string) => number,
  lineHeight: number,
  size: { width: number; height: number },
): PlacedSign[] {
  const kept: PlacedSign[] = [];
  for (const sign of [...signs].sort((a, b) => (b.count ?? 0) - (a.count ?? 0))) {
    const [left, top] = toPixels(sign);
    const width = measure(sign.text);
    if (left + width / 2 < 0 || left - width / 2 > size.width || top < -lineHeight || top > size.height + lineHeight) continue;
    const hits = kept.some(
      (other) => Math.abs(other.left - left) < (other.width + width) / 2 + GAP_PX && Math.abs(other.top - top) < lineHeight + GAP_PX / 2,
    );
    if (!hits) kept.push({ sign, left, top, width });
  }
  return kept;
}
