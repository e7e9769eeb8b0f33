// Where grid lines and labels go: time steps, kilometre steps, and thinning by importance.

const MINUTE_S = 60;
const HOUR_S = 3600;
const DAY_S = 86400;

const TIME_STEPS_S = [
  5 * MINUTE_S,
  10 * MINUTE_S,
  15 * MINUTE_S,
  30 * MINUTE_S,
  HOUR_S,
  2 * HOUR_S,
  3 * HOUR_S,
  6 * HOUR_S,
  12 * HOUR_S,
  DAY_S,
  2 * DAY_S,
  7 * DAY_S,
];

/** The finest time step whose lines stay at least `gap` pixels apart. */
export function timeStep(spanS: number, pixels: number, gap: number): number {
  const fits = TIME_STEPS_S.find((step) => (step / spanS) * pixels >= gap);
  return fits ?? 28 * DAY_S;
}

/** A round step (1, 2 or 5 times a power of ten) whose lines stay at least `gap` pixels apart. */
export function roundStep(span: number, pixels: number, gap: number): number {
  const least = (span * gap) / Math.max(pixels, 1);
  if (!(least > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(least));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= least) ?? 10;
  return factor * power;
}

/** Multiples of a step inside a range, shifted so that they fall on a clock `offset` ahead. */
export function multiples(from: number, to: number, step: number, offset = 0): number[] {
  const values: number[] = [];
  for (let value = Math.ceil((from + offset) / step) * step; value <= to + offset; value += step) {
    values.push(value - offset);
  }
  return values;
}

export interface Label {
  position: number;
  importance: number;
}

/** Indices of the labels to keep so that none is closer than `gap`; the most important come first. */
export function thinLabels(labels: Label[], gap: number): Set<number> {
  const order = labels
    .map((label, index) => ({ ...label, index }))
    .sort((a, b) => b.importance - a.importance || a.index - b.index);
  const shown = new Set<number>();
  const taken: number[] = [];
  for (const { position, index } of order) {
    if (taken.every((other) => Math.abs(other - position) >= gap)) {
      shown.add(index);
      taken.push(position);
    }
  }
  return shown;
}
