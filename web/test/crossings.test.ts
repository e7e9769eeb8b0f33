import { describe, expect, it } from "vitest";

import { cutPieces, hostName, ownName, wayKilometres } from "../src/crossings/line";
import { placeBars } from "../src/crossings/profile";
import { mostUsed } from "../src/crossings/tables";
import type { PathPoint, SectionCapacity } from "../src/rows";

const stop = (point_id: string, sequence: number, at: number | null, leave: number | null): PathPoint => ({
  path_id: "H|x", sequence, train_id: null, flow_id: "F", point_id, arrival_at_s: at, departure_at_s: leave, wait_s: 0,
});

describe("paths laid for a host", () => {
  it("are named after it", () => {
    expect(hostName("7@2025-06-17|F/forward/2")).toBe("7@2025-06-17");
    expect(ownName("7@2025-06-17|F/forward/2")).toBe("F/forward/2");
  });

  it("are cut where they leave the way of the host", () => {
    const rows = [stop("a", 1, null, 10), stop("b", 2, 20, 30), stop("x", 3, 40, 40), stop("c", 4, 50, 55), stop("d", 5, 70, null)];
    const kmOf = new Map([["a", 0], ["b", 5], ["c", 9], ["d", 12]]);
    const pieces = cutPieces(rows, kmOf);
    expect(pieces.map((piece) => piece.map((place) => place.km))).toEqual([[0, 5], [9, 12]]);
    expect(pieces[0]![0]).toEqual({ km: 0, arrive: 10, leave: 10, sequence: 1 });
  });

  it("leave out a single point", () => {
    expect(cutPieces([stop("a", 1, null, 10)], new Map([["a", 0]]))).toEqual([]);
  });
});

describe("kilometres of a way", () => {
  const line = (route_id: string, names: string) =>
    [...names].map((point_id, index) => ({ route_id, point_id, distance_km: 100 + 10 * index }));

  it("begin at its first point, whichever way the route runs", () => {
    const routes = [...line("short", "ab"), ...line("long", "abc")];
    expect([...wayKilometres(["c", "b", "a"], routes)!.values()]).toEqual([0, 10, 20]);
  });

  it("are unknown where no route holds the whole way", () => {
    expect(wayKilometres(["a", "z"], line("r", "abc"))).toBeNull();
  });
});

describe("capacity of the way", () => {
  const stretch = (rank: number, from_point: string, to_point: string, used_share: number | null) =>
    ({ rank, from_point, to_point, used_share, used_share_low: null, used_share_high: 0.9 }) as SectionCapacity;
  const kmOf = new Map([["a", 0], ["b", 40], ["c", 100]]);

  it("lists its stretches by rank, those elsewhere left out", () => {
    const rows = [stretch(3, "a", "b", 0.4), stretch(1, "y", "z", 0.9), stretch(2, "b", "c", 0.5)];
    expect(mostUsed(rows, kmOf).map((row) => row.rank)).toEqual([2, 3]);
    expect(mostUsed(rows, null).map((row) => row.rank)).toEqual([1, 2, 3]);
  });

  it("is drawn from place to place, unknown shares not at all", () => {
    const rows = [stretch(1, "c", "b", 0.5), stretch(2, "a", "b", null)];
    const bars = placeBars(rows, kmOf, 200);
    expect(bars).toHaveLength(1);
    expect(bars[0]).toMatchObject({ x: 80, width: 120, low: 0.5, best: 0.5, high: 0.9 });
  });
});
