// The pen for the screen and for PNG files.

import { FONT, INK, TEXT_SIZE, hatchLines, type LineGroup, type Pen, type Rect, type Stroke, type TextStyle } from "./pen";
import { LineRaster } from "./raster";

function font(size: number, bold: boolean): string {
  return `${bold ? "600 " : ""}${size}px ${FONT}`;
}

interface Sheet {
  raster: LineRaster;
  image: ImageData;
  canvas: HTMLCanvasElement;
}

let sheet: Sheet | null = null;

/** An empty sheet of pixels; the last one is used again, since a chart asks for one at every step. */
function takeSheet(width: number, height: number): Sheet {
  if (sheet?.raster.width === width && sheet.raster.height === height) {
    sheet.raster.clear();
    return sheet;
  }
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  sheet = { raster: new LineRaster(width, height), image: new ImageData(width, height), canvas };
  return sheet;
}

export class CanvasPen implements Pen {
  constructor(private readonly context: CanvasRenderingContext2D) {}

  private applyStroke(stroke: Stroke): void {
    this.context.strokeStyle = stroke.colour;
    this.context.lineWidth = stroke.width ?? 1;
    this.context.setLineDash(stroke.dash ?? []);
    this.context.lineJoin = "round";
  }

  private trace(points: number[]): void {
    this.context.beginPath();
    for (let index = 0; index + 1 < points.length; index += 2) {
      const x = points[index]!;
      const y = points[index + 1]!;
      if (index === 0) this.context.moveTo(x, y);
      else this.context.lineTo(x, y);
    }
  }

  line(points: number[], stroke: Stroke): void {
    this.applyStroke(stroke);
    this.trace(points);
    this.context.stroke();
  }

  lines(groups: LineGroup[], area: Rect): void {
    const scale = this.context.getTransform().a;
    const { raster, image, canvas } = takeSheet(Math.ceil(area.width * scale), Math.ceil(area.height * scale));
    groups.forEach(({ lines, stroke }, group) => {
      raster.draw(lines, group, (stroke.width ?? 1) * scale, scale, -area.x, -area.y);
    });
    raster.paint(new Uint32Array(image.data.buffer), groups.map(({ stroke }) => stroke.colour));
    canvas.getContext("2d")?.putImageData(image, 0, 0);
    this.context.drawImage(canvas, area.x, area.y, raster.width / scale, raster.height / scale);
  }

  area(points: number[], colour: string, opacity = 1): void {
    this.context.globalAlpha = opacity;
    this.context.fillStyle = colour;
    this.trace(points);
    this.context.closePath();
    this.context.fill();
    this.context.globalAlpha = 1;
  }

  rect(rect: Rect, fill: string | null, stroke?: Stroke, opacity = 1): void {
    this.context.globalAlpha = opacity;
    if (fill !== null) {
      this.context.fillStyle = fill;
      this.context.fillRect(rect.x, rect.y, rect.width, rect.height);
    }
    if (stroke !== undefined) {
      this.applyStroke(stroke);
      this.context.strokeRect(rect.x, rect.y, rect.width, rect.height);
    }
    this.context.globalAlpha = 1;
  }

  hatch(rect: Rect, colour: string, opacity = 1): void {
    this.context.globalAlpha = opacity;
    for (const points of hatchLines(rect)) this.line(points, { colour });
    this.context.globalAlpha = 1;
  }

  dot(x: number, y: number, radius: number, fill: string, stroke?: Stroke): void {
    this.context.beginPath();
    this.context.arc(x, y, radius, 0, 2 * Math.PI);
    this.context.fillStyle = fill;
    this.context.fill();
    if (stroke !== undefined) {
      this.applyStroke(stroke);
      this.context.stroke();
    }
  }

  text(value: string, x: number, y: number, style: TextStyle = {}): void {
    const { context } = this;
    context.save();
    context.translate(x, y);
    if (style.turn !== undefined) context.rotate((style.turn * Math.PI) / 180);
    context.font = font(style.size ?? TEXT_SIZE, style.bold ?? false);
    context.textAlign = style.align ?? "left";
    context.textBaseline = style.baseline ?? "middle";
    if (style.halo === true) {
      context.lineWidth = 3.5;
      context.lineJoin = "round";
      context.strokeStyle = "rgba(255, 255, 255, 0.92)";
      context.strokeText(value, 0, 0);
    }
    context.fillStyle = style.colour ?? INK;
    context.fillText(value, 0, 0);
    context.restore();
  }

  textWidth(value: string, size: number, bold = false): number {
    this.context.font = font(size, bold);
    return this.context.measureText(value).width;
  }

  clip(rect: Rect, draw: () => void): void {
    this.context.save();
    this.context.beginPath();
    this.context.rect(rect.x, rect.y, rect.width, rect.height);
    this.context.clip();
    draw();
    this.context.restore();
  }
}
