// Label placement: the most important first, each at the first free side of its point.

export interface LabelWish {
  x: number;
  y: number;
  width: number;
  height: number;
  importance: number;
}

export interface PlacedLabel {
  index: number;
  x: number;
  y: number;
  anchor: "start" | "middle" | "end";
}

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

function overlaps(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

const GAP = 7;

/** Names from this importance on are written even where they hide a piece of a line. */
const KEPT_IMPORTANCE = 3;
const MOST_HIDDEN = 2;
/** Marks that are as bad to hide as a name read for the wrong place. */
const WRONG_MARKS = 6;
/** Places nearer than this may be taken for each other [px]. */
const NEIGHBOUR = 26;
/** Points of a line that are as bad to hide as one mark. */
const MARK_WEIGHT = 3;

function candidates(wish: LabelWish): { box: Box; anchor: PlacedLabel["anchor"] }[] {
  const { x, y, width, height } = wish;
  const half = height / 2;
  const box = (left: number, top: number): Box => ({
    left,
    top,
    right: left + width,
    bottom: top + height,
  });
  return [
    { box: box(x + GAP, y - half), anchor: "start" },
    { box: box(x - GAP - width, y - half), anchor: "end" },
    { box: box(x - width / 2, y - GAP - height), anchor: "middle" },
    { box: box(x - width / 2, y + GAP), anchor: "middle" },
    { box: box(x + GAP - 2, y - GAP - height + 3), anchor: "start" },
    { box: box(x + GAP - 2, y + GAP - 3), anchor: "start" },
    { box: box(x - GAP + 2 - width, y - GAP - height + 3), anchor: "end" },
    { box: box(x - GAP + 2 - width, y + GAP - 3), anchor: "end" },
  ];
}

/** Whether a name written so would stand beside another place that is near, and be read as its name. */
function pointsTo(box: Box, wish: LabelWish, other: LabelWish): boolean {
  const [across, down] = [other.x - wish.x, other.y - wish.y];
  if (Math.hypot(across, down) > NEIGHBOUR) return false;
  const [middle, centre] = [(box.left + box.right) / 2 - wish.x, (box.top + box.bottom) / 2 - wish.y];
  return middle * across + centre * down > 0;
}

function pointsInside(box: Box, points: number[]): number {
  let count = 0;
  for (let index = 0; index + 1 < points.length; index += 2) {
    const x = points[index]!;
    const y = points[index + 1]!;
    if (x > box.left && x < box.right && y > box.top && y < box.bottom) count += 1;
  }
  return count;
}

/**
 * Places what fits inside width × height without overlap, on the side that hides the least of the
 * lines (given as flat points) and marks; the rest stays unlabelled. No name enters a blocked box.
 */
export function placeLabels(
  wishes: LabelWish[],
  width: number,
  height: number,
  lines: number[] = [],
  blocked: Box[] = [],
): PlacedLabel[] {
  const order = wishes
    .map((wish, index) => ({ wish, index }))
    .sort((a, b) => b.wish.importance - a.wish.importance || a.index - b.index);
  const taken: Box[] = wishes
    .map(({ x, y }) => ({ left: x - 4, top: y - 4, right: x + 4, bottom: y + 4 }));
  const placed: PlacedLabel[] = [];
  const labels: Box[] = [...blocked];
  for (const { wish, index } of order) {
    const mark: Box = { left: wish.x - 4.1, top: wish.y - 4.1, right: wish.x + 4.1, bottom: wish.y + 4.1 };
    const isMain = wish.importance >= KEPT_IMPORTANCE;
    const sides = candidates(wish)
      .filter(({ box }) => {
        const isInside = box.left > 2 && box.top > 2 && box.right < width - 2 && box.bottom < height - 2;
        return isInside && labels.every((other) => !overlaps(box, other));
      })
      .map((side) => {
        const marks = taken.filter((other) => !isSame(other, mark) && overlaps(side.box, other)).length;
        const isWrong = wishes.some((other) => other !== wish && pointsTo(side.box, wish, other));
        const weight = (marks + (isWrong ? WRONG_MARKS : 0)) * MARK_WEIGHT;
        return { ...side, hidden: weight + pointsInside(side.box, lines) };
      });
    sides.sort((a, b) => a.hidden - b.hidden);
    const free = sides[0];
    if (free === undefined || (!isMain && free.hidden > MOST_HIDDEN)) continue;
    labels.push(free.box);
    const { left, right, top } = free.box;
    const x = free.anchor === "start" ? left : free.anchor === "end" ? right : (left + right) / 2;
    placed.push({ index, x, y: top + wish.height / 2, anchor: free.anchor });
  }
  return placed;
}

function isSame(a: Box, b: Box): boolean {
  return Math.abs(a.left - b.left) < 0.2 && Math.abs(a.top - b.top) < 0.2;
}
