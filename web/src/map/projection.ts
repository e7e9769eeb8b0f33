// A conic equal-area projection fitted to the study's points: no polar swelling, no date-line streaks.

import { geoConicEqualArea, geoDistance, type GeoProjection } from "d3-geo";

export type Degrees = [number, number];

export interface MapFit {
  projection: GeoProjection;
  width: number;
  height: number;
}

const EARTH_RADIUS_KM = 6371;
const LEAST_HEIGHT = 380;
const MOST_HEIGHT = 640;

/** Middle longitude of points that may lie on both sides of the date line. */
export function middleLongitude(points: Degrees[]): number {
  const radians = points.map(([longitude]) => (longitude * Math.PI) / 180);
  const sine = radians.reduce((sum, angle) => sum + Math.sin(angle), 0);
  const cosine = radians.reduce((sum, angle) => sum + Math.cos(angle), 0);
  const mean = (Math.atan2(sine, cosine) * 180) / Math.PI;
  // The middle of the range about the mean centres uneven clusters better than the mean itself.
  const shifts = points.map(([longitude]) => ((longitude - mean + 540) % 360) - 180);
  return mean + (Math.min(...shifts) + Math.max(...shifts)) / 2;
}

/** A fit to points; the height follows from them where it is not given. */
export function fitMap(points: Degrees[], width: number, fixedHeight?: number): MapFit {
  const latitudes = points.map(([, latitude]) => latitude);
  const south = Math.min(...latitudes);
  const north = Math.max(...latitudes);
  const sixth = Math.max((north - south) / 6, 0.5);
  const projection = geoConicEqualArea()
    .parallels([south + sixth, north - sixth])
    .rotate([-middleLongitude(points), 0])
    .precision(0.3);
  const shape = { type: "MultiPoint" as const, coordinates: points };
  const padding = fixedHeight === undefined ? { across: 132, down: 70 } : { across: 78, down: 30 };
  const fitTo = (height: number): void => {
    projection.fitExtent(
      [
        [padding.across, padding.down],
        [width - padding.across, height - padding.down],
      ],
      shape,
    );
  };
  fitTo(MOST_HEIGHT);
  const rows = points.map((point) => projection(point)?.[1] ?? 0);
  const needed = Math.max(...rows) - Math.min(...rows) + 2 * padding.down;
  const height = fixedHeight ?? Math.round(Math.min(Math.max(needed, LEAST_HEIGHT), MOST_HEIGHT));
  fitTo(height);
  projection.clipExtent([
    [-width / 2, -height / 2],
    [1.5 * width, 1.5 * height],
  ]);
  return { projection, width, height };
}

/** Kilometres that one pixel spans about a place on the map. */
export function kilometresPerPixel(projection: GeoProjection, x: number, y: number): number {
  const left = projection.invert?.([x - 20, y]);
  const right = projection.invert?.([x + 20, y]);
  if (left === undefined || right === undefined || left === null || right === null) return NaN;
  return (geoDistance(left, right) * EARTH_RADIUS_KM) / 40;
}
