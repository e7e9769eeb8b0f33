import { describe, expect, it } from "vitest";

import { zoneOffsetMin } from "../src/core/time";
import { buildZones, offsetAt, type Vertex } from "../src/string-line/model";

function vertex(pointId: string, km: number, at: number, offsetMin: number): Vertex {
  const event = { point_id: pointId, utc_offset_min: offsetMin } as Vertex["event"];
  return { km, low: at, at, high: at, event };
}

const NIGHT_S = Date.UTC(2026, 2, 28) / 1000;

describe("zones along a trip", () => {
  it("are one where clocks go forward on the way, with midnight at 00:00 of that night", () => {
    const vertices = [vertex("A", 0, 22 * 3600, 60), vertex("B", 125, 31 * 3600, 120)];
    const [band, ...others] = buildZones(vertices, () => "Europe/Berlin");
    expect(others).toEqual([]);
    expect(band!.offsetsMin).toEqual([60, 120]);
    // 00:00 of the 29th is 23:00 UTC of the 28th; by the later offset it would be 22:00 UTC.
    expect(offsetAt(band!, 23 * 3600, NIGHT_S)).toBe(60);
    expect(offsetAt(band!, 22 * 3600, NIGHT_S)).toBe(60);
    expect(offsetAt(band!, 30 * 3600, NIGHT_S)).toBe(120);
  });

  it("change half-way between stations of two zones", () => {
    const vertices = [vertex("A", 0, 0, 540), vertex("B", 10, 900, 600)];
    const bands = buildZones(vertices, (id) => (id === "A" ? "Asia/Pyongyang" : "Asia/Vladivostok"));
    expect(bands.map((band) => [band.fromKm, band.toKm])).toEqual([[0, 5], [5, 10]]);
  });

  it("have their offset by name, or none where the name is not known", () => {
    expect(zoneOffsetMin("Asia/Kolkata", NIGHT_S)).toBe(330);
    expect(zoneOffsetMin("America/St_Johns", NIGHT_S)).toBe(-150);
    expect(zoneOffsetMin("Etc/UTC", NIGHT_S)).toBe(0);
    expect(zoneOffsetMin("Nowhere/At_All", NIGHT_S)).toBeNull();
    expect(zoneOffsetMin(null, NIGHT_S)).toBeNull();
  });
});
