// Where time and distance fall on the page, whichever axis they are drawn on.

import type { Size } from "../drawing/chart";
import type { Rect } from "../drawing/pen";
import type { Viewport } from "../drawing/viewport";
import type { StringLineModel } from "./model";
import { DistanceScale } from "./scale";

export interface StringLineOptions {
  /** False: time across, distance down. True: distance across, time down. */
  isSwapped: boolean;
  isEqualSpacing: boolean;
  /** Offset of the clock on the time axis [min]. */
  clockOffsetMin: number;
  showOthers: boolean;
  showRange: boolean;
}

const MARGINS = {
  timeAcross: { left: 250, right: 64, top: 62, bottom: 10 },
  timeDown: { left: 122, right: 84, top: 132, bottom: 34 },
} as const;

export function stringLineArea(size: Size, isSwapped: boolean): Rect {
  const margin = isSwapped ? MARGINS.timeDown : MARGINS.timeAcross;
  return {
    x: margin.left,
    y: margin.top,
    width: Math.max(size.width - margin.left - margin.right, 50),
    height: Math.max(size.height - margin.top - margin.bottom, 50),
  };
}

export class Frame {
  readonly area: Rect;
  readonly scale: DistanceScale;
  readonly fromS: number;
  readonly toS: number;

  constructor(
    readonly size: Size,
    readonly view: Viewport,
    readonly model: StringLineModel,
    readonly options: StringLineOptions,
  ) {
    this.area = stringLineArea(size, options.isSwapped);
    const kilometres = model.stations.map((station) => station.km);
    this.scale = new DistanceScale(kilometres, options.isEqualSpacing);
    const span = model.toS - model.fromS;
    const window = options.isSwapped ? view.down : view.across;
    this.fromS = model.fromS + window.from * span;
    this.toS = model.fromS + window.to * span;
  }

  get isSwapped(): boolean {
    return this.options.isSwapped;
  }

  /** Length of the time axis [px]. */
  get timePixels(): number {
    return this.isSwapped ? this.area.height : this.area.width;
  }

  time(atS: number): number {
    const start = this.isSwapped ? this.area.y : this.area.x;
    return start + ((atS - this.fromS) / (this.toS - this.fromS)) * this.timePixels;
  }

  distance(km: number): number {
    const window = this.isSwapped ? this.view.across : this.view.down;
    const [start, length] = this.isSwapped
      ? [this.area.x, this.area.width]
      : [this.area.y, this.area.height];
    // A small margin keeps the first and last station off the frame.
    const inset = 8;
    const share = (this.scale.toShare(km) - window.from) / (window.to - window.from);
    return start + inset + share * (length - 2 * inset);
  }

  /** Flat pair x, y of an instant and a distance. */
  place(atS: number, km: number): [number, number] {
    const along = this.time(atS);
    const off = this.distance(km);
    return this.isSwapped ? [off, along] : [along, off];
  }

  timeAt(x: number, y: number): number {
    const { area } = this;
    const share = this.isSwapped ? (y - area.y) / area.height : (x - area.x) / area.width;
    return this.fromS + share * (this.toS - this.fromS);
  }

  /** The stretch between two distances, over the whole time in view. */
  strip(fromKm: number, toKm: number): Rect {
    const a = this.distance(fromKm);
    const b = this.distance(toKm);
    const { area } = this;
    return this.isSwapped
      ? { x: Math.min(a, b), y: area.y, width: Math.abs(b - a), height: area.height }
      : { x: area.x, y: Math.min(a, b), width: area.width, height: Math.abs(b - a) };
  }

  /** A line at one distance over the whole time in view. */
  distanceLine(km: number): number[] {
    const off = this.distance(km);
    const { area } = this;
    return this.isSwapped
      ? [off, area.y, off, area.y + area.height]
      : [area.x, off, area.x + area.width, off];
  }

  /** A line at one instant between two distances, or over the whole axis. */
  timeLine(atS: number, fromKm?: number, toKm?: number): number[] {
    const along = this.time(atS);
    const { area } = this;
    const [start, length] = this.isSwapped ? [area.x, area.width] : [area.y, area.height];
    const a = fromKm === undefined ? start : this.distance(fromKm);
    const b = toKm === undefined ? start + length : this.distance(toKm);
    return this.isSwapped ? [a, along, b, along] : [along, a, along, b];
  }
}
