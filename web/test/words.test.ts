import { describe, expect, it } from "vitest";

import { numberText, percentText, rangeText } from "../src/core/format";
import { decodeRows, type Payload } from "../src/core/payload";
import { clockText, dayText, durationText, offsetText, slackText } from "../src/core/time";
import { monthsBetween } from "../src/calendar/model";
import { placeLabels } from "../src/map/labels";
import { middleLongitude } from "../src/map/projection";
import { datesByYear } from "../src/tables/dates";
import { compatibilityPattern } from "../src/tables/compatibility";
import { causePattern, groupFindings, wordingOf } from "../src/tables/findings";
import { availableText, stopsOf } from "../src/tables/itinerary";
import { conflictWords } from "../src/tables/statements";
import { strictSum } from "../src/tables/running-times";
import { findCrowd, findFreeBox } from "../src/map/inset";
import { isCriticalTurn } from "../src/rotation/painter";
import type { CoachTurn, CompatibilityCheck, Finding, StatementCheck, TripEvent } from "../src/rows";
import { columnsOf, envelope } from "../src/speed/painter";

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
    expect(durationText(203.75 * 3600)).toBe("8 d 12 h");
    expect(durationText(9 * 86400)).toBe("9 d");
    expect(durationText(4 * 3600 + 360)).toBe("4 h 06 min");
    expect(durationText(3600)).toBe("1 h");
  });

  it("tells what is below nought as what happens", () => {
    expect(slackText(-5 * 3600)).toBe("5 h short");
    expect(slackText(480)).toBe("8 min");
    expect(availableText(-270, 80, 335)).toBe(
      "time there is 1 h 20 min, at best 5 h 35 min; at worst the next train has left 4 h 30 min before",
    );
    expect(availableText(59, 228, 380)).toBe("time there is 3 h 48 min (59 min – 6 h 20 min)");
    expect(availableText(-60, -30, -10)).toBe("the next train has left 30 min before");
    expect(availableText(null, null, null)).toBe("time there is unknown");
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

  it("names the date of a wording that differs by date", () => {
    const row = (trip_date: string, cause: string): Finding =>
      ({ service_id: "s", trip_date, cause, consequence: `late after ${trip_date}`, cure: "Wait." }) as Finding;
    const rows = [row("2025-10-17", "It fails on 17."), row("2025-07-17", "It fails on 18.")];
    const group = groupFindings(rows)[0]!;
    expect(group.all.length).toBe(2);
    expect(wordingOf(group, "consequence")).toBe(
      "For the departure of Thu 17 Jul 2025: late after 2025-07-17",
    );
    expect(wordingOf(group, "cure")).toBe("Wait.");
  });

  it("lists dates by year", () => {
    expect(datesByYear(["2026-01-03", "2025-06-17", "2025-07-03"])).toEqual([
      ["2025", "17 Jun, 3 Jul"],
      ["2026", "3 Jan"],
    ]);
  });
});

describe("statements", () => {
  it("resolves conflicts into what others state and who says so", () => {
    const statement = (statement_id: string, stated: string, source_id: string | null): StatementCheck =>
      ({ statement_id, stated, source_id }) as StatementCheck;
    const rows = [statement("A", "Ussuriysk", "S1"), statement("B", "Ussuriysk", "S2"), statement("C", "Perm", null)];
    const byId = new Map(rows.map((row) => [row.statement_id, row]));
    const row = { conflicts_with: "A;B;C;D" } as StatementCheck;
    expect(conflictWords(row, byId, (id) => `title ${id}`)).toEqual(["Ussuriysk (title S1; title S2)", "Perm", "D"]);
    expect(conflictWords({ conflicts_with: null } as StatementCheck, byId, String)).toEqual([]);
  });
});

describe("compatibility", () => {
  it("takes both directions of one way for the same", () => {
    const check = (subject_kind: string, subject_id: string, verdict: string): CompatibilityCheck =>
      ({ subject_kind, subject_id, attribute: "speed", verdict, explanation: "" }) as CompatibilityCheck;
    const out = [check("section", "a", "ok"), check("section", "b", "ok"), check("train", "1", "warn")];
    const back = [check("train", "2", "warn"), check("section", "b", "ok"), check("section", "a", "ok")];
    expect(compatibilityPattern(out)).toBe(compatibilityPattern(back));
    expect(compatibilityPattern(out)).not.toBe(compatibilityPattern([...back, check("section", "c", "ok")]));
  });
});

describe("charts", () => {
  it("gives a crowded trace its highest and lowest value in each step", () => {
    const trace = [0, 5, 1, 9, 2, 7, 8, 1];
    expect(columnsOf(trace).map(({ high, low }) => [high, low])).toEqual([[5, 9], [7, 7], [1, 1]]);
    expect(envelope([0, 5, 1, 9])).toEqual([0, 5, 0, 9]);
  });

  it("marks stays that are too short or likely to be", () => {
    const turn = (slack_h: number, chance_lost: number): CoachTurn => ({ slack_h, chance_lost }) as CoachTurn;
    expect(isCriticalTurn(turn(0.1, 0.98))).toBe(true);
    expect(isCriticalTurn(turn(-1, 0.01))).toBe(true);
    expect(isCriticalTurn(turn(7.75, 0.02))).toBe(false);
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

  it("finds the largest crowd of main places", () => {
    const screen: [number, number][] = [[0, 0], [10, 0], [20, 0], [300, 0], [305, 0], [12, 0]];
    const isMain = [true, true, true, true, true, false];
    expect(findCrowd(screen, isMain, 15).sort()).toEqual([0, 1, 2]);
    expect(findCrowd(screen, isMain, 3)).toEqual([]);
  });

  it("puts an inset where it hides no route, as near as may be", () => {
    const points = Array.from({ length: 100 }, (_, index): [number, number] => [index * 10, 60]);
    const box = findFreeBox({ width: 1000, height: 600 }, points, [900, 60]);
    expect(box.top).toBeGreaterThan(60);
    expect(box.top).toBeLessThan(110);
    expect(box.right).toBeGreaterThan(900);
  });

  it("leaves out a lesser name that would hide a line", () => {
    const wish = { x: 100, y: 100, width: 40, height: 16 };
    const lines = Array.from({ length: 200 }, (_, index) => [index, 100 + (index % 40) - 20]).flat();
    expect(placeLabels([{ ...wish, importance: 2 }], 200, 200, lines)).toEqual([]);
    expect(placeLabels([{ ...wish, importance: 5 }], 200, 200, lines).length).toBe(1);
  });

  it("places labels without overlap and leaves out what does not fit", () => {
    const wish = { x: 100, y: 100, width: 60, height: 16 };
    const wishes = Array.from({ length: 12 }, (_, importance) => ({ ...wish, importance }));
    const placed = placeLabels(wishes, 300, 300);
    expect(placed.length).toBeLessThan(12);
    expect(placed.some((label) => label.index === 11)).toBe(true);
  });
});
