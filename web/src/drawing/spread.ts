// Labels along an axis: important ones are kept and moved apart, the others only where there is room.

import type { Label } from "./ticks";

/** Positions moved apart to at least `gap`, as near as possible to where they belong. */
function moveApart(wanted: number[], gap: number, from: number, to: number): number[] {
  // Least squares under the gap: pools neighbours that would come too close (isotonic regression).
  const pools: { sum: number; count: number }[] = [];
  wanted.forEach((value, index) => {
    pools.push({ sum: value - index * gap, count: 1 });
    for (;;) {
      const last = pools.at(-1)!;
      const before = pools.at(-2);
      if (before === undefined || before.sum / before.count <= last.sum / last.count) break;
      pools.pop();
      before.sum += last.sum;
      before.count += last.count;
    }
  });
  const levels = pools.flatMap(({ sum, count }) => new Array<number>(count).fill(sum / count));
  const most = to - (wanted.length - 1) * gap;
  return levels.map((level, index) => Math.min(Math.max(level, from), most) + index * gap);
}

/**
 * Where each label is written, by its index; labels that are left out are absent.
 * Labels of at least `mainImportance` are kept as far as they fit at all.
 */
export function spreadLabels(
  labels: Label[],
  gap: number,
  range: { from: number; to: number },
  mainImportance: number,
): Map<number, number> {
  const order = labels.map((label, index) => ({ ...label, index }));
  order.sort((a, b) => b.importance - a.importance || a.index - b.index);
  const space = Math.max(Math.floor((range.to - range.from) / gap) + 1, 1);
  const main = order.filter((label) => label.importance >= mainImportance).slice(0, space);
  main.sort((a, b) => a.position - b.position || a.index - b.index);
  const moved = moveApart(
    main.map((label) => label.position),
    gap,
    range.from,
    range.to,
  );
  const written = new Map(main.map((label, place) => [label.index, moved[place]!]));
  for (const { index, position, importance } of order) {
    if (importance >= mainImportance) continue;
    const isFree = [...written.values()].every((other) => Math.abs(other - position) >= gap);
    if (isFree) written.set(index, position);
  }
  return written;
}
