// What a chart may draw with. The same painter fills a canvas on screen and an SVG file on export.

export interface Stroke {
  colour: string;
  width?: number;
  dash?: number[];
}

export interface TextStyle {
  size?: number;
  colour?: string;
  bold?: boolean;
  align?: "left" | "center" | "right";
  baseline?: "top" | "middle" | "bottom";
  /** Clockwise turn about the anchor [degrees]. */
  turn?: number;
  /** Paints a pale outline so that the text stays readable over lines. */
  halo?: boolean;
}

export interface Rect {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Many lines: flat pairs of all points, and where the numbers of each line end. */
export interface Polylines {
  points: Float32Array;
  ends: number[];
}

export interface LineGroup {
  lines: Polylines;
  stroke: Stroke;
}

/** Points are flat pairs: x0, y0, x1, y1, … in CSS pixels. */
export interface Pen {
  line(points: number[], stroke: Stroke): void;
  /**
   * Lines by the thousand, in up to four groups; on a canvas they are put into pixels inside `area`
   * directly. A width of 0 stands for the thinnest line there is.
   */
  lines(groups: LineGroup[], area: Rect): void;
  area(points: number[], colour: string, opacity?: number): void;
  rect(rect: Rect, fill: string | null, stroke?: Stroke, opacity?: number): void;
  hatch(rect: Rect, colour: string, opacity?: number): void;
  dot(x: number, y: number, radius: number, fill: string, stroke?: Stroke): void;
  text(value: string, x: number, y: number, style?: TextStyle): void;
  textWidth(value: string, size: number, bold?: boolean): number;
  clip(rect: Rect, draw: () => void): void;
}

export const FONT =
  '"Source Sans 3", "Segoe UI", "Helvetica Neue", "Noto Sans", Arial, "Noto Sans CJK KR", ' +
  '"Apple SD Gothic Neo", "Malgun Gothic", "Noto Sans CJK SC", "Microsoft YaHei", sans-serif';

export const INK = "#1c2733";
export const MUTED = "#5b6673";
export const RULE = "#d7dde3";
export const ACCENT = "#12496b";

export const TEXT_SIZE = 12;

/** Lines of a 45° hatch inside a rectangle, as flat pairs per line. */
export function hatchLines(rect: Rect, gap = 6): number[][] {
  const lines: number[][] = [];
  const { x, y, width, height } = rect;
  for (let shift = -height; shift < width; shift += gap) {
    const start = Math.max(shift, 0);
    const end = Math.min(shift + height, width);
    if (end > start) lines.push([x + start, y + start - shift, x + end, y + end - shift]);
  }
  return lines;
}
