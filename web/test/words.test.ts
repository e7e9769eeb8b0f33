import { describe, expect, it } from "vitest";

import { numberText, percentText, rangeText } from "../src/core/format";
import { decodeRows, type Payload } from "../src/core/payload";
import { clockText, dayText, durationText, offsetText } from "../src/core/time";
import { monthsBetween } from "../src/calendar/model";
import { placeLabels } from "../src/map/labels";
import { middleLongitude } from "../src/map/projection";
import { datesByYear } from "../src/tables/dates";
import { causePattern } from "../src/tables/findings";
import { stopsOf } from "../src/tables/itinerary";
import { strictSum } from "../src/tables/running-times";
import type { TripEvent } from "../src/core/rows";

const EPOCH_S = Date.UTC(2025, 0, 1) / 1000;

describe("clocks", () => {
  it("shows the local day and hour of an instant", () => {
    const atS = 22 * 3600 + 5 * 60;
    expect(clockText(atS, EPOCH_S, 0)).toBe("22:05");
    expect(dayText(atS, EPOCH_S, 9 * 60)).toBe("Thu 2 Jan");
    expect(clockText(atS, EPOCH_S, 9 * 60)).toBe("07:05");
  });

  it("rounds to the minute before it takes the day", () => {
    const atS = 86400 - 20;
    expect(clockText(atS, EPOCH_S, 0)).toBe("00:00");
    expect(dayText(atS, EPOCH_S, 0)).toBe("Thu 2 Jan");
  });

  it("names offsets and durations", () => {
    expect(offsetText(510)).toBe("UTC+8:30");
    expect(offsetText(-180)).toBe("UTC−3");
    expect(durationText(8 * 86400 + 7 * 3600)).toBe("8 d 7 h");
    expect(durationText(-5400)).toBe("−1 h 30 min");
  });
});

describe("numbers", () => {
  it("never shows unknown as nought", () => {
    expect(numberText(null)).toBe("—");
    expect(rangeText(1, null, 2, String)).toBe("—");
    expect(strictSum([1, null])).toBeNull();
    expect(strictSum([1, 2])).toBe(3);
  });

  it("sets thousands apart and rounds small chances up", () => {
    expect(numberText(10272)).toBe("10\u202f272");
    expect(percentText(0.004)).toBe("< 1 %");
    expect(percentText(0)).toBe("0 %");
  });
});

describe("tables", () => {
  it("decodes every kind of column", () => {
    const payload = {
      tables: {
        t: {
          rows: 3,
          columns: {
            a: { v: [1, null, 3] },
            b: { k: "x" },
            c: { i: [10, 5, -5] },
            d: { d: ["p", "q"], c: [1, -1, 0] },
          },
        },
      },
    } as unknown as Payload;
    expect(decodeRows(payload, "t")).toEqual([
      { a: 1, b: "x", c: 10, d: "q" },
      { a: null, b: "x", c: 15, d: null },
      { a: 3, b: "x", c: 10, d: "p" },
    ]);
    expect(decodeRows(payload, "none")).toEqual([]);
  });

  it("joins arrival and departure at one place", () => {
    const event = (point_id: string, kind: string): TripEvent =>
      ({ point_id, event: kind }) as TripEvent;
    const stops = stopsOf([
      event("A", "departure"),
      event("B", "arrival"),
      event("B", "departure"),
      event("C", "arrival"),
    ]);
    expect(stops.map((stop) => stop.pointId)).toEqual(["A", "B", "C"]);
    expect(stops[1]?.arrival).not.toBeNull();
    expect(stops[1]?.departure).not.toBeNull();
  });
});

describe("findings", () => {
  it("takes one cause on two days for one", () => {
    const first = causePattern("Train 651 does not leave on Thu 2025-07-17 at 10:00.");
    expect(causePattern("Train 651 does not leave on Fri 2025-10-17 at 9:30.")).toBe(first);
    expect(causePattern("Train 651 is late.")).not.toBe(first);
  });

  it("lists dates by year", () => {
    expect(datesByYear(["2026-01-03", "2025-06-17", "2025-07-03"])).toEqual([
      ["2025", "17 Jun, 3 Jul"],
      ["2026", "3 Jan"],
    ]);
  });
});

describe("calendar", () => {
  it("counts the days of each month of the horizon", () => {
    const months = monthsBetween("2027-12-31", "2028-02-01");
    expect(months.map((row) => row.daysCount)).toEqual([31, 31, 29]);
  });
});

describe("map", () => {
  it("finds the middle across the date line", () => {
    const middle = middleLongitude([
      [170, 60],
      [-170, 60],
    ]);
    expect(Math.abs(middle)).toBeCloseTo(180);
  });

  it("places labels without overlap and leaves out what does not fit", () => {
    const wish = { x: 100, y: 100, width: 60, height: 16 };
    const wishes = Array.from({ length: 12 }, (_, importance) => ({ ...wish, importance }));
    const placed = placeLabels(wishes, 300, 300);
    expect(placed.length).toBeLessThan(12);
    expect(placed.some((label) => label.index === 11)).toBe(true);
  });
});
