// The works in the rotation chart: hatched bars, as high as there are sets in it.

import { INK, type Pen, type Rect } from "../drawing/pen";
import { TONE_COLOURS } from "../core/verdicts";
import { isShortOfSets, type WorksSpan } from "./works";

export interface WorksBar {
  rect: Rect;
  span: WorksSpan;
}

const MOST_HIGH = 28;
const SET_HIGH = 14;
const FOOT = 40;
export const HELD = "#4d6475";
export const WITHOUT = TONE_COLOURS.bad;

/** Bars of one row of the chart, its top at `y` [px]. */
export function worksBars(spans: WorksSpan[], y: number, toX: (atS: number) => number): WorksBar[] {
  const most = Math.max(1, ...spans.map(({ row }) => row.sets_away ?? 0));
  const step = Math.min(SET_HIGH, MOST_HIGH / most);
  return spans.map((span) => {
    const height = step * (span.row.sets_away ?? 0);
    const x = toX(span.fromS);
    return { span, rect: { x, width: Math.max(toX(span.toS) - x, 2), y: y + FOOT - height, height } };
  });
}

export function paintWorksBar(pen: Pen, { rect, span }: WorksBar, area: Rect): void {
  const from = Math.max(rect.x, area.x);
  const to = Math.min(rect.x + rect.width, area.x + area.width);
  if (to <= from) return;
  const colour = isShortOfSets(span.row) ? WITHOUT : HELD;
  // Hatching is cut by hand: a bar of years, zoomed in, would have a million lines.
  const shown = { ...rect, x: from, width: to - from };
  pen.rect(shown, "#ffffff");
  pen.hatch(shown, colour, 0.8);
  pen.rect(shown, null, { colour, width: 1.2 });
  const label = String(span.row.sets_away ?? 0);
  if (shown.width < pen.textWidth(label, 11, true) + 8) return;
  pen.text(label, from + shown.width / 2, rect.y + rect.height / 2, {
    size: 11,
    bold: true,
    align: "center",
    colour: INK,
    halo: true,
  });
}
