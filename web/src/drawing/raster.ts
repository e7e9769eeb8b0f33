// Many thin lines put straight into pixels: a canvas strokes two thousand of them in hundreds of ms.

import type { Polylines } from "./pen";

/** Fixed-point numbers of thin lines: whole pixels above, parts of a pixel below. */
const FRACTION_BITS = 16;
const ONE = 1 << FRACTION_BITS;

/** Ink of a pixel from 0 to this; two bits below it say which group of lines it is of. */
const FULL = 63;
export const GROUPS = 4;

/** A sheet of lines of up to four colours, one byte a pixel so that it stays near the processor. */
export class LineRaster {
  /** Ink and group of each pixel, row by row; the group is in the two lowest bits. */
  readonly pixels: Uint8Array<ArrayBuffer>;

  constructor(
    readonly width: number,
    readonly height: number,
  ) {
    this.pixels = new Uint8Array(width * height);
  }

  clear(): void {
    this.pixels.fill(0);
  }

  /**
   * Draws the lines of a group, 0 to 3, with a width in pixels, 0 for the thinnest. Pixels are at
   * `scale` times the coordinates, after a shift. Where lines overlap, the one that covers more of
   * the pixel is seen; of two alike, that of the higher group.
   */
  draw(lines: Polylines, group: number, width: number, scale: number, shiftX: number, shiftY: number): void {
    if (width === 0) this.drawThin(lines, group, scale, shiftX, shiftY);
    else this.drawWide(lines, group, width, scale, shiftX, shiftY);
  }

  /**
   * Lines in which two pixels a step share what one pixel of ink covers. All is done in one place,
   * along x and along y alike: a call for each of a hundred thousand pieces would cost half the time.
   */
  private drawThin(lines: Polylines, group: number, scale: number, shiftX: number, shiftY: number): void {
    const { pixels, width, height } = this;
    const { points, ends } = lines;
    let start = 0;
    for (let line = 0; line < ends.length; line += 1) {
      const end = ends[line]!;
      for (let index = start + 2; index < end; index += 2) {
        const x0 = (points[index - 2]! + shiftX) * scale;
        const y0 = (points[index - 1]! + shiftY) * scale;
        const x1 = (points[index]! + shiftX) * scale;
        const y1 = (points[index + 1]! + shiftY) * scale;
        // Steps go along the longer side, a, upwards; b is the other side.
        const isAcross = Math.abs(x1 - x0) >= Math.abs(y1 - y0);
        const isForward = isAcross ? x0 <= x1 : y0 <= y1;
        const sizeA = isAcross ? width : height;
        const sizeB = isAcross ? height : width;
        const stepA = isAcross ? 1 : width;
        const stepB = isAcross ? width : 1;
        const a0 = isAcross ? (isForward ? x0 : x1) : isForward ? y0 : y1;
        const a1 = isAcross ? (isForward ? x1 : x0) : isForward ? y1 : y0;
        const b0 = isAcross ? (isForward ? y0 : y1) : isForward ? x0 : x1;
        const b1 = isAcross ? (isForward ? y1 : y0) : isForward ? x1 : x0;
        const first = a0 > 0 ? Math.floor(a0) : 0;
        const last = a1 < sizeA ? Math.floor(a1) : sizeA - 1;
        if (first > last || (b0 < -2 && b1 < -2) || (b0 > sizeB + 2 && b1 > sizeB + 2)) continue;
        const slope = a1 > a0 ? (b1 - b0) / (a1 - a0) : 0;
        // The middle of a pixel at either end may lie past the end of the segment by half a pixel.
        const from = first + 0.5 > a0 ? first + 0.5 : a0;
        let at = Math.round((b0 + slope * (from - a0) - 0.5) * ONE);
        const step = Math.round(slope * ONE);
        for (let a = first, row = first * stepA; a <= last; a += 1, row += stepA, at += step) {
          const b = at >> FRACTION_BITS;
          const share = (at >> (FRACTION_BITS - 6)) & FULL;
          const place = row + b * stepB;
          if (b >= 0 && b < sizeB) {
            const level = ((FULL - share) << 2) | group;
            if (level > pixels[place]!) pixels[place] = level;
          }
          if (share > 0 && b >= -1 && b + 1 < sizeB) {
            const level = (share << 2) | group;
            if (level > pixels[place + stepB]!) pixels[place + stepB] = level;
          }
        }
      }
      start = end;
    }
  }

  private drawWide(
    lines: Polylines, group: number, width: number, scale: number, shiftX: number, shiftY: number,
  ): void {
    const { points } = lines;
    let start = 0;
    for (const end of lines.ends) {
      let x = (points[start]! + shiftX) * scale;
      let y = (points[start + 1]! + shiftY) * scale;
      for (let index = start + 2; index < end; index += 2) {
        const nextX = (points[index]! + shiftX) * scale;
        const nextY = (points[index + 1]! + shiftY) * scale;
        this.segment(x, y, nextX, nextY, group, width / 2);
        x = nextX;
        y = nextY;
      }
      start = end;
    }
  }

  /** Puts the sheet into an image as 0xAABBGGRR, each group in its colour "#rrggbb". */
  paint(image: Uint32Array, colours: string[]): void {
    const palette = new Uint32Array(GROUPS * (FULL + 1));
    colours.forEach((colour, group) => {
      const ink = pixelColour(colour);
      for (let level = 1; level <= FULL; level += 1) {
        palette[level * GROUPS + group] = (Math.round((level * 255) / FULL) << 24) | ink;
      }
    });
    const { pixels } = this;
    for (let place = 0; place < pixels.length; place += 1) image[place] = palette[pixels[place]!]!;
  }

  private segment(x0: number, y0: number, x1: number, y1: number, group: number, half: number): void {
    const { width, height } = this;
    // Steps go along the longer side, upwards; each covers a short span of pixels on the other one.
    if (Math.abs(x1 - x0) >= Math.abs(y1 - y0)) {
      if (x0 <= x1) this.sweep(x0, y0, x1, y1, group, half, 1, width, width, height);
      else this.sweep(x1, y1, x0, y0, group, half, 1, width, width, height);
    } else if (y0 <= y1) this.sweep(y0, x0, y1, x1, group, half, width, 1, height, width);
    else this.sweep(y1, x1, y0, x0, group, half, width, 1, height, width);
  }

  /** A segment from (a0, b0) to (a1, b1), a0 <= a1, whose slope in b is at most 1 either way. */
  private sweep(
    a0: number, b0: number, a1: number, b1: number, group: number, half: number,
    stepA: number, stepB: number, sizeA: number, sizeB: number,
  ): void {
    const first = Math.max(Math.floor(a0), 0);
    const last = Math.min(Math.floor(a1), sizeA - 1);
    if (first > last || (b0 < -2 && b1 < -2) || (b0 > sizeB + 2 && b1 > sizeB + 2)) return;
    const slope = a1 > a0 ? (b1 - b0) / (a1 - a0) : 0;
    // The middle of a pixel at either end may lie past the end of the segment by half a pixel.
    const middle = b0 + slope * (Math.max(first + 0.5, a0) - a0);
    const reach = half * Math.sqrt(1 + slope * slope);
    this.sweepWide(first, last, middle, slope, group, reach, stepA, stepB, sizeB);
  }

  private sweepWide(
    first: number, last: number, middle: number, slope: number, group: number, reach: number,
    stepA: number, stepB: number, sizeB: number,
  ): void {
    const { pixels } = this;
    let low = middle - reach;
    for (let a = first; a <= last; a += 1) {
      const high = low + 2 * reach;
      const from = Math.max(Math.floor(low), 0);
      const to = Math.min(Math.floor(high), sizeB - 1);
      for (let b = from; b <= to; b += 1) {
        const share = Math.min(high, b + 1) - Math.max(low, b);
        const level = (((share * FULL) | 0) << 2) | group;
        const place = a * stepA + b * stepB;
        if (level > pixels[place]!) pixels[place] = level;
      }
      low += slope;
    }
  }
}

/** "#rrggbb" as 0xBBGGRR. */
export function pixelColour(colour: string): number {
  const value = Number.parseInt(colour.slice(1), 16);
  return ((value & 0xff) << 16) | (value & 0xff00) | (value >> 16);
}
