import { describe, expect, it } from "vitest";

import { spreadLabels } from "../src/drawing/spread";
import { multiples, roundStep, thinLabels, timeStep } from "../src/drawing/ticks";
import { WHOLE, panWindow, zoomWindow } from "../src/drawing/viewport";
import { DistanceScale } from "../src/string-line/scale";

describe("the distance axis", () => {
  it("is true to kilometres, or spaces stations equally, and inverts", () => {
    const km = [0, 10, 100];
    const trueScale = new DistanceScale(km, false);
    const equal = new DistanceScale(km, true);
    expect(trueScale.toShare(10)).toBeCloseTo(0.1);
    expect(equal.toShare(10)).toBeCloseTo(0.5);
    expect(equal.toShare(55)).toBeCloseTo(0.75);
    for (const value of [0, 5, 10, 55, 100]) {
      expect(trueScale.toKm(trueScale.toShare(value))).toBeCloseTo(value);
      expect(equal.toKm(equal.toShare(value))).toBeCloseTo(value);
    }
  });

  it("stands one station in the middle", () => {
    expect(new DistanceScale([7], false).toShare(7)).toBe(0.5);
  });
});

describe("grid lines", () => {
  it("takes the finest step that leaves room", () => {
    // 8 days on 800 px: 100 px a day; 12 h are 50 px, 6 h only 25 px.
    expect(timeStep(8 * 86400, 800, 40)).toBe(12 * 3600);
    expect(roundStep(10_000, 1000, 80)).toBe(1000);
  });

  it("puts midnights on the clock of the axis", () => {
    // Midnight at UTC+9 is 15:00 UTC of the day before.
    expect(multiples(0, 86400, 86400, 9 * 3600)).toEqual([15 * 3600]);
  });
});

describe("labels", () => {
  it("keeps the most important when they are too close", () => {
    const labels = [
      { position: 0, importance: 0 },
      { position: 5, importance: 3 },
      { position: 30, importance: 0 },
    ];
    expect([...thinLabels(labels, 10)].sort()).toEqual([1, 2]);
  });

  it("moves important ones apart about their middle", () => {
    const labels = [
      { position: 50, importance: 3 },
      { position: 51, importance: 3 },
      { position: 52, importance: 0 },
    ];
    const written = spreadLabels(labels, 15, { from: 0, to: 100 }, 3);
    expect(written.get(0)).toBeCloseTo(43);
    expect(written.get(1)).toBeCloseTo(58);
    expect(written.has(2)).toBe(false);
  });

  it("stays inside the axis", () => {
    const labels = [99, 100].map((position) => ({ position, importance: 3 }));
    const written = spreadLabels(labels, 15, { from: 0, to: 100 }, 3);
    expect(written.get(1)).toBeLessThanOrEqual(100);
    expect(written.get(1)! - written.get(0)!).toBeGreaterThanOrEqual(15);
  });
});

describe("the part in view", () => {
  it("zooms about the pointer and never leaves the whole", () => {
    const zoomed = zoomWindow(WHOLE.across, 0.5, 0.25);
    expect(zoomed).toEqual({ from: 0.125, to: 0.625 });
    expect(panWindow(zoomed, 5)).toEqual({ from: 0.5, to: 1 });
    expect(zoomWindow(zoomed, 100, 0.3)).toEqual({ from: 0, to: 1 });
  });
});
