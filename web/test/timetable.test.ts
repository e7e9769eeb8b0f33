import { describe, expect, it } from "vitest";

import type { EncodedTable, EncodedTimetable } from "../src/core/payload";
import { LineRaster, pixelColour } from "../src/drawing/raster";
import { groupRuns } from "../src/timetable/answer";
import { sumStations } from "../src/timetable/punctuality";
import { filterConflicts, localTimes } from "../src/timetable/conflicts";
import { Timetable, type TimetableConflict, type TimetableTrain } from "../src/timetable/data";
import { groupByHour, listCalls } from "../src/timetable/hours";
import { buildLineDay, findRuns, kmAt, LineView } from "../src/timetable/line-day";
import { ConflictDays, markConflicts, othersOf, stretchOf } from "../src/timetable/marks";
import { nearestRun } from "../src/timetable/nearest";
import { TimetableState } from "../src/timetable/state";
import { traceRuns } from "../src/timetable/traces";

const HOUR = 3600;
const DAY = 24 * HOUR;

function encode(rows: Record<string, unknown>[]): EncodedTable {
  const names = Object.keys(rows[0] ?? {});
  const columns = Object.fromEntries(names.map((name) => [name, { v: rows.map((row) => row[name] ?? null) }]));
  return { rows: rows.length, columns: columns as EncodedTable["columns"] };
}

const conflict = (over: Partial<TimetableConflict>): TimetableConflict => ({
  kind: "opposing", is_impossible: true, basis: "stated", train_id: "A", other_train_id: "B", other_train_ids: null,
  point_id: null, from_point: "P1", to_point: "P2", place: "One–Two", first_day: "2026-03-27", days_count: 5,
  from_at_s: 7 * HOUR + 900, to_at_s: 7 * HOUR + 1200, missing_s: 300, cure: null, ...over,
});

/**
 * Five days from 27 March 2026, which is the study epoch; the clock goes from UTC+1 to UTC+2 on the
 * 29th at 01:00 UTC. A runs P0 to P3 at 08:00, B back at 08:10; N runs at 23:30 over midnight, on the
 * first two days alone; X comes to P1 from a place off the line.
 */
function encoded(conflicts: TimetableConflict[] | null = [conflict({})]): EncodedTimetable {
  const train = (train_id: string, over: Partial<TimetableTrain> = {}): Record<string, unknown> => ({
    train_id, number: `1${train_id}`, category: "passenger", mode: "running_time", reason: null, from_point: "P0",
    to_point: "P3", stops_count: 3, distance_km: 30, days_count: 5, first_day: "2026-03-27", departure: "08:00",
    journey_min: 40, conflicts_count: 0, ...over,
  });
  const course = (place: number, profile: number, begin_s: number, days: number): Record<string, number> => ({
    train: place, profile, begin_s, days,
  });
  const pass = (point: number, run_s: number, stay_s: number, flags: number): Record<string, number> => ({
    point, run_s, stay_s, flags,
  });
  return {
    answer: ["Three trains."],
    day_shift_s: 0,
    trains: encode([train("A"), train("B", { category: "freight" }), train("N"), train("X")]),
    points: encode(["P0", "P1", "P2", "P3", "Q"].map((point_id) => ({ point_id, name: `${point_id} town`, zone: 0 }))),
    zones: [{ name: "Europe/Berlin", at_s: [-DAY, 2 * DAY + HOUR], offset_min: [60, 120] }],
    lines: encode([{ line_id: "L", name: "Line" }]),
    line_points: encode([0, 1, 2, 3].map((point) => ({ line: 0, point, km: 10 * point }))),
    profiles: encode([{ count: 4 }, { count: 4 }, { count: 3 }]),
    passings: encode([
      pass(0, 0, 0, 3), pass(1, 600, 0, 2), pass(2, 600, 120, 3), pass(3, 600, 0, 3),
      pass(3, 0, 0, 1), pass(2, 600, 0, 0), pass(1, 600, 60, 1), pass(0, 600, 0, 1),
      pass(4, 0, 0, 1), pass(1, 300, 60, 1), pass(0, 600, 0, 1),
    ]),
    courses: encode([
      course(0, 0, 7 * HOUR, 0), course(0, 0, 6 * HOUR, 1),
      course(1, 1, 7 * HOUR + 600, 0), course(1, 1, 6 * HOUR + 600, 1),
      course(2, 0, 22 * HOUR + 1800, 0), course(3, 2, 12 * HOUR, 0),
    ]),
    day_texts: ["11000", "00111"],
    conflicts: conflicts === null ? null : encode(conflicts as unknown as Record<string, unknown>[]),
    conflicts_left_out: 0,
  };
}

const read = (conflicts?: TimetableConflict[] | null): Timetable => new Timetable(encoded(conflicts), "2026-03-27");
const viewOf = (timetable: Timetable): LineView => new LineView(timetable, timetable.lines[0]!);

describe("the decoded timetable", () => {
  it("adds running times and stays up to times since the begin", () => {
    const timetable = read();
    expect([...timetable.arriveS].slice(0, 4)).toEqual([0, 600, 1200, 1920]);
    expect([...timetable.leaveS].slice(0, 4)).toEqual([0, 600, 1320, 1920]);
    expect([timetable.isStop(0), timetable.isStop(1), timetable.isComputed(1), timetable.isComputed(5)]).toEqual([true, false, true, false]);
  });

  it("knows which course of a train runs on a day, and what the clock shows", () => {
    const timetable = read();
    expect([0, 1, 2, 4, 5, -1].map((day) => timetable.courseOn(0, day))).toEqual([0, 0, 1, 1, null, null]);
    expect(timetable.offsetMin(0, 2 * DAY + HOUR - 1)).toBe(60);
    expect(timetable.offsetMin(0, 2 * DAY + HOUR)).toBe(120);
    expect(timetable.dateOf(timetable.dayOf("2026-03-30"))).toBe("2026-03-30");
    expect([...timetable.countByDay(() => true)]).toEqual([4, 4, 2, 2, 2]);
  });
});

describe("a line on one day", () => {
  const timetable = read();
  const view = viewOf(timetable);

  it("has the stretches of each profile on it", () => {
    // The third profile begins off the line.
    expect(view.stretches.map((ends) => [...ends])).toEqual([[0, 3], [4, 7], [9, 10]]);
    expect(view.trainCount).toBe(4);
  });

  it("shows a train that came over midnight on both days", () => {
    // Midnight at UTC+1 is 23:00 UTC; N leaves at 22:30 and arrives 32 minutes later.
    const second = buildLineDay(view, DAY - HOUR);
    expect(second.runs.map((run) => [run.train, run.day])).toEqual([[0, 1], [1, 1], [2, 0], [2, 1], [3, 1]]);
    expect(buildLineDay(view, 2 * DAY - HOUR).runs.some((run) => run.train === 2 && run.day === 1)).toBe(true);
  });

  it("finds the runs between two instants and no others", () => {
    const day = buildLineDay(view, -HOUR);
    const trains = (from: number, to: number): number[] => findRuns(day, from, to).map((place) => day.runs[place]!.train);
    expect(trains(7 * HOUR, 7 * HOUR + 599)).toEqual([0]);
    expect(trains(7 * HOUR + 700, 7 * HOUR + 800)).toEqual([0, 1]);
    expect(trains(9 * HOUR, 11 * HOUR)).toEqual([]);
    expect(new Set(trains(-HOUR, 23 * HOUR))).toEqual(new Set([0, 1, 2, 3]));
  });

  it("tells where a train is, standing or under way", () => {
    const day = buildLineDay(view, -HOUR);
    const run = day.runs.find(({ train }) => train === 0)!;
    const at = (seconds: number): number | null => kmAt(day, run, 7 * HOUR + seconds);
    expect([at(0), at(300), at(600), at(1250), at(1620), at(1920), at(1921), at(-1)]).toEqual([0, 5, 10, 20, 25, 30, null, null]);
  });
});

describe("lines in view", () => {
  const view = viewOf(read());
  const day = buildLineDay(view, -HOUR);
  /** A pixel a second and ten a kilometre, from 07:00 UTC on. */
  const scale = { timeOrigin: -7 * HOUR, timeFactor: 1, kmOrigin: 0, kmFactor: 10 };
  const all = { fromS: -HOUR, toS: 23 * HOUR, fromKm: 0, toKm: 30 };

  it("have every point that can be seen", () => {
    const { groups, places } = traceRuns(day, { ...all, fromS: 7 * HOUR, toS: 7 * HOUR + 500 }, scale, 1, () => 0);
    expect(places.map((place) => day.runs[place]!.train)).toEqual([0]);
    // From its begin to the first place after the view.
    expect([...groups[0]!.points]).toEqual([0, 0, 600, 100]);
    const whole = traceRuns(day, all, scale, 1, (train) => (train === 0 ? 0 : -1));
    // The second place lies on the way of an even run, so it is not drawn.
    expect([...whole.groups[0]!.points]).toEqual([0, 0, 1200, 200, 1320, 200, 1920, 300]);
    expect(whole.groups[0]!.ends).toEqual([8]);
  });

  it("leave out what is elsewhere on the line or hidden", () => {
    const upper = { fromS: 7 * HOUR, toS: 7 * HOUR + 599, fromKm: 20, toKm: 30 };
    expect(traceRuns(day, upper, scale, 1, () => 0).places).toEqual([]);
    expect(traceRuns(day, all, scale, 2, (train) => (train === 1 ? 1 : -1)).groups.map(({ ends }) => ends.length)).toEqual([0, 1]);
  });

  it("pass no farther than the tolerance from any point left out", () => {
    const coarse = { timeOrigin: 0, timeFactor: 1 / 90, kmOrigin: 0, kmFactor: 3 };
    const { groups, places } = traceRuns(day, all, coarse, 1, () => 0);
    const { points, ends } = groups[0]!;
    const { arriveS, leaveS, point } = view.timetable;
    places.forEach((place, line) => {
      const run = day.runs[place]!;
      for (let row = run.first; row <= run.last; row += 1) {
        const y = 3 * view.kmOf[point[row]!]!;
        for (const since of [arriveS[row]!, leaveS[row]!]) {
          const x = (run.beginS + since) / 90;
          let least = Infinity;
          for (let index = (ends[line - 1] ?? 0) + 2; index < ends[line]!; index += 2) {
            const [x0, y0, x1, y1] = [points[index - 2]!, points[index - 1]!, points[index]!, points[index + 1]!];
            const share = Math.min(Math.max(((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / Math.hypot(x1 - x0, y1 - y0) ** 2, 0), 1);
            least = Math.min(least, Math.hypot(x - x0 - share * (x1 - x0), y - y0 - share * (y1 - y0)));
          }
          expect(least).toBeLessThan(0.61);
        }
      }
    });
  });

  it("are found under the pointer", () => {
    const near = nearestRun(day, scale, 303, 50, () => true)!;
    expect([day.runs[near.place]!.train, near.row]).toEqual([0, 1]);
    expect(nearestRun(day, scale, 303, 90, () => true)).toBeNull();
    expect(nearestRun(day, scale, 303, 50, (train) => train !== 0)).toBeNull();
  });
});

describe("conflicts", () => {
  it("come again on every day on which their trains run, by the clock", () => {
    const timetable = read();
    const view = viewOf(timetable);
    const days = new ConflictDays(timetable);
    const shifts = [-1, 0, 1, 2, 4, 5].map((day) => days.shiftOn(timetable.conflicts![0]!, day));
    // From the 29th on the trains run an hour earlier by UTC.
    expect(shifts).toEqual([null, 0, DAY, 2 * DAY - HOUR, 4 * DAY - HOUR, null]);
    const [mark] = markConflicts(buildLineDay(view, 3 * DAY - 2 * HOUR), days);
    expect(mark).toMatchObject({ place: 0, fromS: 3 * DAY + 6 * HOUR + 900, fromKm: 10, toKm: 20 });
  });

  it("need all of their trains", () => {
    // N runs on the first two days alone.
    const timetable = read([conflict({ other_train_id: null, other_train_ids: "B;N" })]);
    const days = new ConflictDays(timetable);
    expect([0, 1, 2].map((day) => days.shiftOn(timetable.conflicts![0]!, day))).toEqual([0, DAY, null]);
  });

  it("are marked on as many days as are counted", () => {
    const timetable = read([conflict({ days_count: 3 })]);
    const days = new ConflictDays(timetable);
    expect([0, 1, 2, 3].map((day) => days.shiftOn(timetable.conflicts![0]!, day) !== null)).toEqual([true, true, true, false]);
  });

  it("of a possession are marked on the first day alone", () => {
    const timetable = read([conflict({ kind: "possession", other_train_id: null })]);
    const days = new ConflictDays(timetable);
    expect([0, 1].map((day) => days.shiftOn(timetable.conflicts![0]!, day))).toEqual([0, null]);
  });

  it("name their other trains once and lie on a line or not", () => {
    expect(othersOf(conflict({ other_train_ids: "B; C;A" }))).toEqual(["B", "C"]);
    expect(othersOf(conflict({ other_train_id: "" }))).toEqual([]);
    const view = viewOf(read());
    expect(stretchOf(view, conflict({}))).toEqual([10, 20]);
    expect(stretchOf(view, conflict({ from_point: null, to_point: null, point_id: "P3" }))).toEqual([30, 30]);
    expect(stretchOf(view, conflict({ from_point: null, to_point: null, point_id: "Q" }))).toBeNull();
  });

  it("are told by the clock of their place, with the day where it is a later one", () => {
    const timetable = read();
    const epochS = Date.UTC(2026, 2, 27) / 1000;
    expect(localTimes(timetable, conflict({}), epochS)).toBe("08:15–08:20 (UTC+1)");
    const late = conflict({ from_at_s: 2 * DAY + 7 * HOUR, to_at_s: 2 * DAY + 7 * HOUR });
    expect(localTimes(timetable, late, epochS)).toBe("09:00 on Sun 29 Mar (UTC+2)");
  });

  it("can be filtered by kind and gravity", () => {
    const rows = [conflict({}), conflict({ kind: "headway" }), conflict({ kind: "headway", is_impossible: false })];
    expect(filterConflicts(rows, { kind: "", onlyImpossible: false })).toEqual([0, 1, 2]);
    expect(filterConflicts(rows, { kind: "headway", onlyImpossible: false })).toEqual([1, 2]);
    expect(filterConflicts(rows, { kind: "headway", onlyImpossible: true })).toEqual([1]);
  });
});

describe("the state of the section", () => {
  it("begins on the day of the first conflict, by the clock of the line", () => {
    const late = conflict({ first_day: "2026-03-29", from_at_s: 2 * DAY + 7 * HOUR });
    expect([read(), read([late, conflict({})])].map((one) => new TimetableState(one).day)).toEqual([0, 2]);
    expect(new TimetableState(read([late])).offsetMin).toBe(120);
    expect(new TimetableState(read([late])).marks.length).toBe(1);
    // One before midnight UTC lies on the next day by the clock of the line; one beside the horizon at its end.
    const night = conflict({ first_day: "2026-03-27", from_at_s: DAY - 1800 });
    expect(new TimetableState(read([night])).day).toBe(1);
    expect(new TimetableState(read([conflict({ from_at_s: -9 * DAY })])).day).toBe(0);
  });

  it("begins on the first day with trains where the line has no conflict", () => {
    const elsewhere = conflict({ from_point: null, to_point: null, point_id: "Q" });
    for (const conflicts of [null, [], [elsewhere]]) {
      const state = new TimetableState(read(conflicts));
      expect([state.day, state.offsetMin]).toEqual([0, 60]);
    }
    const data = encoded([]);
    data.day_texts = ["01100", "00011"];
    expect(new TimetableState(new Timetable(data, "2026-03-27")).day).toBe(1);
  });

  it("is led to a conflict: line, day, time and place", () => {
    const state = new TimetableState(read());
    let seen = null as unknown;
    state.follow((target) => (seen = target));
    expect(state.showConflict(0)).toBe(true);
    expect([state.day, state.conflict, [...state.chosenTrains()]]).toEqual([0, 0, [0, 1]]);
    expect(seen).toMatchObject({ fromS: 6 * HOUR + 900, toS: 8 * HOUR + 1200, fromKm: 10 - 3.6, toKm: 20 + 3.6 });
  });

  it("is led to a train on the next day that it runs", () => {
    const state = new TimetableState(read());
    state.setDay(3);
    expect(state.offsetMin).toBe(120);
    expect(state.showTrain(2)).toBe(true);
    expect([state.day, state.train, state.offsetMin]).toEqual([0, 2, 60]);
    // B still runs, so the day stays.
    state.setDay(3);
    state.showTrain(1);
    expect(state.day).toBe(3);
    // From a day of its own on, as from the hours of a station it reaches after midnight.
    state.showTrain(2, 1);
    expect(state.day).toBe(1);
  });

  it("does not leave the horizon", () => {
    const state = new TimetableState(read());
    state.setDay(99);
    expect(state.day).toBe(4);
    state.setDay(-3);
    expect(state.day).toBe(0);
  });

  it("leads nowhere where no line has the place", () => {
    const state = new TimetableState(read([conflict({ from_point: null, to_point: null, point_id: "Q" })]));
    expect(state.showConflict(0)).toBe(false);
  });
});

describe("the hours of a station", () => {
  const view = viewOf(read());

  it("list departures by direction, those that pass marked", () => {
    const calls = listCalls(view, 1, -HOUR, "departures");
    expect(calls.map((call) => [call.train, call.atS, call.isPassing, call.direction])).toEqual([
      [0, 7 * HOUR + 600, true, "onward"],
      [1, 7 * HOUR + 1860, false, "back"],
      [3, 12 * HOUR + 360, false, "back"],
      [2, 22 * HOUR + 2400, true, "onward"],
    ]);
  });

  it("list arrivals by where they come from", () => {
    const calls = listCalls(view, 1, -HOUR, "arrivals");
    expect(calls.map((call) => [call.train, call.direction])).toEqual([[0, "onward"], [1, "back"], [3, "other"], [2, "onward"]]);
    // A train neither arrives at its first place nor leaves its last.
    expect(listCalls(view, 0, -HOUR, "arrivals").map(({ train }) => train)).toEqual([1, 3]);
    expect(listCalls(view, 3, -HOUR, "departures").map(({ train }) => train)).toEqual([1]);
  });

  it("stand under the hour of the clock", () => {
    const hours = groupByHour(listCalls(view, 1, -HOUR, "departures"), -HOUR);
    expect(hours.flatMap((calls, hour) => calls.map(() => hour))).toEqual([8, 8, 13, 23]);
  });
});

describe("trains by how they run", () => {
  it("are grouped by mode and reason, the largest groups first", () => {
    const train = (mode: string, reason: string | null): TimetableTrain => ({ mode, reason }) as TimetableTrain;
    const groups = groupRuns([train("not_run", "x"), train("timetable", "b"), train("timetable", "a"), train("timetable", "a"), train("running_time", null)]);
    expect(groups.map(({ mode, reason, trains }) => [mode, reason, trains.length])).toEqual([
      ["running_time", null, 1], ["timetable", "a", 2], ["timetable", "b", 1], ["not_run", "x", 1],
    ]);
  });
});

describe("lines put into pixels", () => {
  const line = (...points: number[]): { points: Float32Array; ends: number[] } => ({ points: Float32Array.from(points), ends: [points.length] });
  const inked = (raster: LineRaster): number[] => [...raster.pixels].flatMap((value, place) => (value > 0 ? [place] : []));

  it("cover the pixels they run through, and nothing outside the sheet", () => {
    const raster = new LineRaster(8, 4);
    raster.draw(line(-5, 1.5, 20, 1.5), 0, 0, 1, 0, 0);
    expect(inked(raster)).toEqual([8, 9, 10, 11, 12, 13, 14, 15]);
    raster.clear();
    raster.draw(line(2.5, 30, 2.5, -30), 0, 0, 1, 0, 0);
    expect(inked(raster)).toEqual([2, 10, 18, 26]);
    raster.clear();
    raster.draw(line(0, -9, 8, -3), 0, 3, 1, 0, 0);
    expect(inked(raster)).toEqual([]);
  });

  it("share their ink between two rows, and are as wide as asked", () => {
    const raster = new LineRaster(4, 6);
    raster.draw(line(0, 2.25, 4, 2.25), 0, 0, 1, 0, 0);
    // A quarter in the row above, three quarters in their own.
    expect([raster.pixels[4]! >> 2, raster.pixels[8]! >> 2]).toEqual([15, 48]);
    raster.clear();
    raster.draw(line(0, 3, 4, 3), 0, 2, 1, 0, 0);
    expect([0, 4, 8, 12, 16, 20].map((place) => raster.pixels[place]! >> 2)).toEqual([0, 0, 63, 63, 0, 0]);
  });

  it("move and grow with shift and scale", () => {
    const raster = new LineRaster(8, 8);
    raster.draw(line(101, 51.75, 103, 51.75), 0, 0, 2, -100, -50);
    // From column 2 to 6, in row 3.
    expect(inked(raster)).toEqual([26, 27, 28, 29, 30]);
  });

  it("keep the colour that covers more, then that of the higher group", () => {
    const raster = new LineRaster(2, 3);
    raster.draw(line(0, 1.5, 2, 1.5), 1, 0, 1, 0, 0);
    raster.draw(line(0, 1.75, 2, 1.75), 2, 0, 1, 0, 0);
    const image = new Uint32Array(6);
    raster.paint(image, ["#000000", "#112233", "#445566"]);
    expect([...image].map((value) => value.toString(16))).toEqual(["0", "0", "ff332211", "ff332211", "41665544", "41665544"]);
    raster.draw(line(0, 1.5, 2, 1.5), 2, 0, 1, 0, 0);
    raster.paint(image, ["#000000", "#112233", "#445566"]);
    expect(image[2]!.toString(16)).toBe("ff665544");
    expect(pixelColour("#010203")).toBe(0x030201);
  });
});

describe("punctuality by station", () => {
  it("weighs the hours by their arrivals and begins with the least punctual", () => {
    const row = (point: number, hour: number, arrivals_count: number, delay_mean_min: number, punctual_share: number) =>
      ({ point, hour, arrivals_count, delay_mean_min, punctual_share });
    const stations = sumStations([row(0, 7, 30, 1, 1), row(1, 7, 10, 9, 0.2), row(1, 8, 30, 1, 0.8)]);
    expect(stations.map((station) => station.point)).toEqual([1, 0]);
    expect(stations[0]).toMatchObject({ arrivals: 40, punctual: 0.65, delayMin: 3 });
    expect(stations[0]!.byHour.slice(6, 9)).toEqual([null, 0.2, 0.8]);
  });
});
