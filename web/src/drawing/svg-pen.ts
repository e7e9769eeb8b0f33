// The pen for SVG files: the same marks as on the canvas, as elements.

import { svg } from "../core/dom";
import { FONT, INK, TEXT_SIZE, hatchLines, type LineGroup, type Pen, type Rect, type Stroke, type TextStyle } from "./pen";

const ANCHORS = { left: "start", center: "middle", right: "end" } as const;
const BASELINES = { top: "text-before-edge", middle: "central", bottom: "text-after-edge" } as const;

/** Width of a line whose width is given as 0 [px]. */
const THINNEST = 0.6;

const pixels = (value: number): number => Math.round(value * 100) / 100;

function strokeAttributes(stroke: Stroke): Record<string, string | number> {
  const attributes: Record<string, string | number> = {
    stroke: stroke.colour,
    "stroke-width": stroke.width ?? 1,
    "stroke-linejoin": "round",
  };
  if (stroke.dash !== undefined) attributes["stroke-dasharray"] = stroke.dash.join(" ");
  return attributes;
}

function box(rect: Rect): Record<string, number> {
  return {
    x: pixels(rect.x),
    y: pixels(rect.y),
    width: pixels(Math.max(rect.width, 0)),
    height: pixels(Math.max(rect.height, 0)),
  };
}

export class SvgPen implements Pen {
  readonly root: SVGSVGElement;
  private target: SVGElement;
  private clips = 0;

  constructor(
    width: number,
    height: number,
    private readonly measure: (value: string, size: number, bold: boolean) => number,
  ) {
    this.root = svg("svg", {
      xmlns: "http://www.w3.org/2000/svg",
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      "font-family": FONT,
    });
    this.root.append(svg("rect", { width, height, fill: "#ffffff" }));
    this.target = this.root;
  }

  line(points: number[], stroke: Stroke): void {
    const attributes = { points: points.map(pixels).join(" "), fill: "none" };
    this.target.append(svg("polyline", { ...attributes, ...strokeAttributes(stroke) }));
  }

  lines(groups: LineGroup[]): void {
    for (const { lines, stroke } of groups) {
      const parts: string[] = [];
      let start = 0;
      for (const end of lines.ends) {
        parts.push(`M${Array.from(lines.points.subarray(start, end), pixels).join(" ")}`);
        start = end;
      }
      if (parts.length === 0) continue;
      const width = stroke.width === 0 ? THINNEST : (stroke.width ?? 1);
      const attributes = strokeAttributes({ ...stroke, width });
      this.target.append(svg("path", { d: parts.join(""), fill: "none", ...attributes }));
    }
  }

  area(points: number[], colour: string, opacity = 1): void {
    const attributes = { points: points.map(pixels).join(" "), fill: colour };
    this.target.append(svg("polygon", { ...attributes, "fill-opacity": opacity }));
  }

  rect(rect: Rect, fill: string | null, stroke?: Stroke, opacity = 1): void {
    const outline = stroke === undefined ? {} : strokeAttributes(stroke);
    this.target.append(svg("rect", { ...box(rect), fill: fill ?? "none", opacity, ...outline }));
  }

  hatch(rect: Rect, colour: string, opacity = 1): void {
    const group = svg("g", { opacity });
    this.target.append(group);
    const outer = this.target;
    this.target = group;
    for (const points of hatchLines(rect)) this.line(points, { colour });
    this.target = outer;
  }

  dot(x: number, y: number, radius: number, fill: string, stroke?: Stroke): void {
    const outline = stroke === undefined ? {} : strokeAttributes(stroke);
    const place = { cx: pixels(x), cy: pixels(y), r: radius };
    this.target.append(svg("circle", { ...place, fill, ...outline }));
  }

  text(value: string, x: number, y: number, style: TextStyle = {}): void {
    const attributes: Record<string, string | number> = {
      x: pixels(x),
      y: pixels(y),
      "font-size": style.size ?? TEXT_SIZE,
      fill: style.colour ?? INK,
      "text-anchor": ANCHORS[style.align ?? "left"],
      "dominant-baseline": BASELINES[style.baseline ?? "middle"],
    };
    if (style.bold === true) attributes["font-weight"] = 600;
    if (style.turn !== undefined) {
      attributes["transform"] = `rotate(${style.turn} ${pixels(x)} ${pixels(y)})`;
    }
    if (style.halo === true) {
      Object.assign(attributes, {
        stroke: "#ffffff",
        "stroke-width": 3.5,
        "stroke-linejoin": "round",
        "paint-order": "stroke",
      });
    }
    this.target.append(svg("text", attributes, value));
  }

  textWidth(value: string, size: number, bold = false): number {
    return this.measure(value, size, bold);
  }

  clip(rect: Rect, draw: () => void): void {
    this.clips += 1;
    const id = `clip-${this.clips}`;
    this.target.append(svg("clipPath", { id }, svg("rect", box(rect))));
    const group = svg("g", { "clip-path": `url(#${id})` });
    this.target.append(group);
    const outer = this.target;
    this.target = group;
    draw();
    this.target = outer;
  }
}
