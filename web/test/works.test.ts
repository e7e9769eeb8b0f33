import { describe, expect, it } from "vitest";

import { withWorks } from "../src/rotation/view";
import {
  awayText,
  departuresText,
  enoughText,
  isShortOfSets,
  readSpan,
  worksSpan,
} from "../src/rotation/works";
import { worksBars } from "../src/rotation/works-bars";
import type { LocomotiveAvailability, SetAvailability } from "../src/rows";

const EPOCH_S = Date.UTC(2027, 0, 1) / 1000;
const DAY_S = 86400;

function held(more: Partial<SetAvailability> = {}): SetAvailability {
  return {
    pool_id: "P",
    from_day: "2027-01-11",
    to_day: "2027-01-12",
    vehicles_away: 1,
    sets_away: 1,
    sets_owned: 4,
    sets_available: 3,
    sets_needed: 4,
    departures_count: 5,
    departures_without_set: 2,
    job_ids: "J1",
    explanation: null,
    ...more,
  };
}

describe("sets in the works", () => {
  it("lasts to the end of the last day", () => {
    const { fromS, toS } = worksSpan(held(), EPOCH_S);
    expect([fromS / DAY_S, toS / DAY_S]).toEqual([10, 12]);
  });

  it("tells how many sets are away and which departures that hits", () => {
    expect(readSpan(held())).toEqual([
      "in the works: 1 of 4 sets",
      "Mon 11 Jan 2027 – Tue 12 Jan 2027",
      "3 sets left, 4 needed at once",
      "2 of 5 departures without a set",
    ]);
    expect(departuresText(held({ departures_without_set: 0 }))).toBe("all 5 departures have a set");
    expect(departuresText(held({ departures_without_set: 0, departures_count: 1 }))).toBe("the departure has a set");
    expect(departuresText(held({ departures_without_set: 0, departures_count: 0 }))).toBe("no departure in these days");
  });

  it("does not take unknown for enough", () => {
    const unknown = held({ sets_owned: null, sets_available: null, departures_without_set: null });
    expect(isShortOfSets(unknown)).toBe(false);
    expect(awayText(unknown)).toBe("1 set");
    expect(readSpan(unknown)[2]).toBe("sets left unknown, 4 needed at once");
    expect(departuresText(unknown)).toBe("whether every departure has a set is unknown");
  });

  it("stand below the sets of their pool, and below all where a pool has no turns", () => {
    const row = (pool: string, set: string) => ({ pool, set, turns: [] });
    const rows = [row("Pool P", "set 1"), row("Pool P", "set 2"), row("Pool Q", "set 1")];
    const names = new Map([["P", "Pool P"], ["R", "Pool R"]]);
    const whole = withWorks(rows, [held(), held({ pool_id: "R" })], names, EPOCH_S);
    expect(whole.map(({ pool, works }) => `${pool} ${works?.length ?? "-"}`)).toEqual([
      "Pool P -",
      "Pool P -",
      "Pool P 1",
      "Pool Q -",
      "Pool R 1",
    ]);
    expect(withWorks(rows, [], names, EPOCH_S)).toEqual(rows);
  });

  it("are drawn as high as there are sets away, on one foot", () => {
    const spans = [held(), held({ sets_away: 2 })].map((row) => worksSpan(row, EPOCH_S));
    const [one, two] = worksBars(spans, 100, (atS) => atS / DAY_S).map(({ rect }) => rect);
    expect(two!.height).toBe(2 * one!.height);
    expect(one!.y + one!.height).toBe(two!.y + two!.height);
    expect([one!.x, one!.width]).toEqual([10, 2]);
  });
});

describe("locomotives in the works", () => {
  it("are too few for certain, but never enough for certain", () => {
    const row = (is_short: boolean | null) => ({ is_short }) as LocomotiveAvailability;
    expect([true, false, null].map((short) => enoughText(row(short)))).toEqual(["no", "by the lower bound", "unknown"]);
  });
});
