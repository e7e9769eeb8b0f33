import { describe, expect, it } from "vitest";

import { radiusOf, kindShape, ASSET_KINDS } from "../src/reliability/asset-layer";
import { buildCauses, topCauses } from "../src/reliability/cause-model";
import { quantilesOf } from "../src/reliability/delays";
import { latestTrains, returnText } from "../src/reliability/derailments";
import { tintOf } from "../src/reliability/months";
import { delayStep } from "../src/reliability/ribbons";
import { chanceText, errorText, exactText, joinEnds, rateText, roundToSum, yearlyText } from "../src/reliability/words";
import type { DelayCause, LineDelay, TripDelay, TripEvent } from "../src/rows";
import { delayVertices, lastRibbonS } from "../src/string-line/delay-layer";
import type { Vertex } from "../src/string-line/model";

function cause(id: string, parent: string | null, minutes: number, rank: number | null = null): DelayCause {
  return {
    service_id: "S",
    group_id: "all",
    cause_id: id,
    parent_id: parent,
    cause: "turnout",
    name: id,
    section_id: null,
    point_id: null,
    rank,
    delay_min: minutes,
    delay_min_error: null,
    delay_min_low: null,
    delay_min_high: null,
    primary_min: minutes,
    primary_min_error: null,
    primary_min_low: null,
    primary_min_high: null,
    knock_on_min: 0,
    knock_on_min_error: null,
    knock_on_min_low: null,
    knock_on_min_high: null,
    share: null,
  };
}

describe("chances in words", () => {
  it("tells the ends from nothing and certainty", () => {
    expect([0, 0.001, 0.314, 0.998, 1].map(chanceText)).toEqual(["0 %", "< 1 %", "31 %", "> 99 %", "100 %"]);
  });

  it("writes a shared unit once and no dash before a minus sign", () => {
    expect(joinEnds("12 %", "59 %")).toBe("12 – 59 %");
    expect(joinEnds("< 1 %", "59 %")).toBe("< 1 % – 59 %");
    expect(joinEnds("−1 h", "−5 min")).toBe("−1 h to −5 min");
  });

  it("keeps durations exact beyond a day and errors above nought", () => {
    expect(exactText(51 * 60 + 6)).toBe("51 h 06 min");
    expect(exactText(-5)).toBe("−5 min");
    expect(errorText(0.2)).toBe("± < 1 min");
    expect(errorText(61)).toBe("± 1 h 01 min");
  });

  it("gives rates the figures that count", () => {
    expect([0, 0.00012, 0.9, 2.34, 44].map(rateText)).toEqual(["0", "0.00012", "0.90", "2.3", "44"]);
    expect([0, 0.01, 4.26, 70].map(yearlyText)).toEqual(["0", "< 0.1", "4.3", "70"]);
    expect([0.09, 0.4, 2.4, 0, null].map(returnText)).toEqual(["once in 11 years", "once in 2.5 years", "2.4 a year", "—", "—"]);
  });
});

describe("causes of delay", () => {
  it("rounds parts so that they sum to the rounded whole", () => {
    expect(roundToSum([1.4, 1.4, 1.4])).toEqual([2, 1, 1]);
    expect(roundToSum([0.5, -1.5, 3])).toEqual([1, -2, 3]);
    expect(roundToSum([])).toEqual([]);
  });

  it("adds up on every level as it is shown", () => {
    const rows = [
      cause("total", null, 10.2),
      cause("a", "total", 5.4),
      cause("b", "total", 4.8),
      ...[1.35, 1.35, 1.35, 1.35].map((value, index) => cause(`a${index}`, "a", value, index + 1)),
    ];
    const root = buildCauses(rows)!;
    expect(root.minutes).toBe(10);
    expect(root.parts.map((part) => part.minutes)).toEqual([5, 5]);
    const parts = root.parts[0]!.parts.map((part) => part.minutes);
    expect(parts.reduce((sum, part) => sum + part, 0)).toBe(root.parts[0]!.minutes);
  });

  it("leaves a gap of the tables visible", () => {
    const root = buildCauses([cause("total", null, 10), cause("a", "total", 7)])!;
    expect(root.parts[0]!.minutes).toBe(7);
  });

  it("puts the rest last and lists the first by rank", () => {
    const rows = [
      cause("total", null, 9), cause("a", "total", 9), cause("a:x:others", "a", 6), cause("x", "a", 1, 2), cause("y", "a", 2, 1),
    ];
    expect(buildCauses(rows)!.parts[0]!.parts.map((part) => part.row.cause_id)).toEqual(["y", "x", "a:x:others"]);
    expect(topCauses(rows, 10).map((row) => row.cause_id)).toEqual(["y", "x"]);
  });

  it("is nothing without a whole", () => {
    expect(buildCauses([cause("a", "total", 1)])).toBeNull();
  });
});

describe("ribbons", () => {
  const delays = (value: number | null): TripDelay => ({
    group_id: "T",
    point_id: "P",
    event: "arrival",
    delay_p05_min: -1,
    delay_p25_min: 0,
    delay_p50_min: 2,
    delay_p75_min: 5,
    delay_p95_min: value,
  });

  it("needs all five quantiles", () => {
    expect(quantilesOf(delays(9))).toEqual([-1, 0, 2, 5, 9]);
    expect(quantilesOf(delays(null))).toBeNull();
  });

  it("adds minutes to the instants of the plan", () => {
    const event = { point_id: "P", event: "arrival" } as TripEvent;
    const other = { point_id: "P", event: "departure" } as TripEvent;
    const vertices = [event, other].map((own): Vertex => ({ km: 3, low: 0, at: 1000, high: 0, event: own }));
    const found = delayVertices({ vertices }, [delays(9)]);
    expect(found).toEqual([{ km: 3, at: [940, 1000, 1120, 1300, 1540] }]);
    expect(lastRibbonS(found)).toBe(1540);
    expect(lastRibbonS([])).toBe(-Infinity);
  });

  it("steps the delay axis by clock units", () => {
    expect(delayStep(600, 340)).toBe(60);
    expect(delayStep(2600, 400)).toBe(360);
  });
});

describe("marks", () => {
  it("grow by area and differ by kind", () => {
    expect(radiusOf(0, 70)).toBe(3);
    expect(radiusOf(70, 70)).toBe(12);
    expect(radiusOf(17.5, 70)).toBe(7.5);
    expect(new Set(ASSET_KINDS.map((kind) => kindShape(kind, 5))).size).toBe(ASSET_KINDS.length);
  });

  it("tint chances in ten steps", () => {
    expect([0, 0.09, 0.1, 0.99, 1].map(tintOf)).toEqual([0, 0, 1, 9, 9]);
  });
});

describe("the latest trains", () => {
  const delay = (train_key: string, scenario: string, delay_mean_min: number | null): LineDelay =>
    ({ train_key, scenario, delay_mean_min }) as LineDelay;
  const rows = [
    delay("A", "as_is", 3),
    delay("A", "renewed", 1),
    delay("B", "as_is", null),
    delay("C", "as_is", 30),
    delay("C", "renewed", 40),
  ];

  it("come with all their rows, by the delay as the line is", () => {
    expect(latestTrains(rows, 2).map((row) => row.train_key)).toEqual(["C", "C", "A", "A"]);
    expect(latestTrains(rows, 9)).toHaveLength(5);
  });
});
