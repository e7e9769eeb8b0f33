// The part of a chart that is in view, in fractions 0–1 of its two axes.

export interface Window1 {
  from: number;
  to: number;
}

export interface Viewport {
  across: Window1;
  down: Window1;
}

export const WHOLE: Viewport = { across: { from: 0, to: 1 }, down: { from: 0, to: 1 } };

const SMALLEST = 1 / 2000;

function fit(window: Window1): Window1 {
  const size = Math.min(Math.max(window.to - window.from, SMALLEST), 1);
  const from = Math.min(Math.max(window.from, 0), 1 - size);
  return { from, to: from + size };
}

/** Zooms about a point that stays where it is; factor < 1 zooms in. */
export function zoomWindow(window: Window1, factor: number, at: number): Window1 {
  const size = Math.min(Math.max((window.to - window.from) * factor, SMALLEST), 1);
  const share = (at - window.from) / (window.to - window.from);
  const from = at - share * size;
  return fit({ from, to: from + size });
}

export function panWindow(window: Window1, shift: number): Window1 {
  return fit({ from: window.from + shift, to: window.to + shift });
}

export function isWhole(view: Viewport): boolean {
  const { across, down } = view;
  return across.to - across.from > 0.999 && down.to - down.from > 0.999;
}
