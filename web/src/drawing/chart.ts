// A chart on the page: two canvases (picture and read-out), zoom, pan, and export to PNG or SVG.

import { button, download, el } from "../core/dom";
import { CanvasPen } from "./canvas-pen";
import type { Pen, Rect } from "./pen";
import { SvgPen } from "./svg-pen";
import { WHOLE, isWhole, panWindow, zoomWindow, type Viewport } from "./viewport";

export interface Size {
  width: number;
  height: number;
}

/** What a kind of chart supplies; the host does the rest. */
export interface Painter {
  /** Which axes may be zoomed. */
  axes: { across: boolean; down: boolean };
  plotArea(size: Size): Rect;
  paint(pen: Pen, size: Size, view: Viewport): void;
  /** Lines of the read-out under the pointer, and marks drawn over the picture; null = nothing. */
  read(pen: Pen, size: Size, view: Viewport, x: number, y: number): string[] | null;
  pick?(size: Size, view: Viewport, x: number, y: number): void;
}

const WHEEL_RATE = 0.0016;

export class Chart {
  readonly root: HTMLElement;
  readonly tools: HTMLElement;
  private readonly frame: HTMLElement;
  private readonly base = el("canvas", { class: "base" });
  private readonly overlay = el("canvas", { class: "overlay", tabindex: "0", role: "img" });
  private readonly readout = el("div", { class: "readout", "aria-live": "polite" });
  private view: Viewport = WHOLE;
  private size: Size = { width: 0, height: 0 };
  private isArmed = false;
  private drag: { x: number; y: number; moved: boolean } | null = null;

  constructor(
    private readonly painter: Painter,
    private height: number,
    private readonly fileName: () => string,
    label: string,
  ) {
    this.overlay.setAttribute("aria-label", `${label}. Arrow keys move, plus and minus zoom, 0 shows everything.`);
    this.frame = el("div", { class: "chart-frame" }, this.base, this.overlay, this.readout);
    this.tools = el(
      "div",
      { class: "chart-tools" },
      button("+", () => this.zoomBy(0.6), { "aria-label": "Zoom in" }),
      button("−", () => this.zoomBy(1 / 0.6), { "aria-label": "Zoom out" }),
      button("Reset", () => this.reset(), { title: "Show everything" }),
      button("PNG", () => this.savePng(), { title: "Save as a picture" }),
      button("SVG", () => this.saveSvg(), { title: "Save as a drawing" }),
    );
    this.root = el("div", { class: "chart" }, this.frame);
    this.listen();
    new ResizeObserver(() => this.draw()).observe(this.frame);
  }

  setHeight(height: number): void {
    this.height = height;
    this.draw();
  }

  get viewport(): Viewport {
    return this.view;
  }

  setViewport(view: Viewport): void {
    this.view = view;
    this.draw();
  }

  reset(): void {
    this.setViewport(WHOLE);
  }

  draw(): void {
    const width = Math.floor(this.frame.clientWidth);
    if (width === 0) return;
    this.size = { width, height: this.height };
    this.frame.style.height = `${this.height}px`;
    this.painter.paint(this.prepare(this.base, this.size), this.size, this.view);
    this.prepare(this.overlay, this.size);
    this.readout.hidden = true;
  }

  private prepare(canvas: HTMLCanvasElement, size: Size, scale = window.devicePixelRatio || 1): Pen {
    canvas.width = Math.round(size.width * scale);
    canvas.height = Math.round(size.height * scale);
    canvas.style.width = `${size.width}px`;
    canvas.style.height = `${size.height}px`;
    const context = canvas.getContext("2d");
    if (context === null) throw new Error("This browser offers no canvas.");
    context.scale(scale, scale);
    return new CanvasPen(context);
  }

  private clearReadout(): void {
    this.prepare(this.overlay, this.size);
    this.readout.hidden = true;
  }

  private shift(acrossPixels: number, downPixels: number): void {
    const area = this.painter.plotArea(this.size);
    const { across, down } = this.view;
    const { axes } = this.painter;
    this.setViewport({
      across: axes.across
        ? panWindow(across, (-acrossPixels / area.width) * (across.to - across.from))
        : across,
      down: axes.down ? panWindow(down, (-downPixels / area.height) * (down.to - down.from)) : down,
    });
  }

  private zoomBy(factor: number, x?: number, y?: number): void {
    const area = this.painter.plotArea(this.size);
    const { across, down } = this.view;
    const share = (value: number | undefined, from: number, length: number): number =>
      value === undefined ? 0.5 : Math.min(Math.max((value - from) / length, 0), 1);
    const atAcross = across.from + share(x, area.x, area.width) * (across.to - across.from);
    const atDown = down.from + share(y, area.y, area.height) * (down.to - down.from);
    this.setViewport({
      across: this.painter.axes.across ? zoomWindow(across, factor, atAcross) : across,
      down: this.painter.axes.down ? zoomWindow(down, factor, atDown) : down,
    });
  }

  private listen(): void {
    const { overlay } = this;
    overlay.addEventListener("pointermove", (event) => this.onMove(event));
    overlay.addEventListener("pointerdown", (event) => {
      this.drag = { x: event.offsetX, y: event.offsetY, moved: false };
      overlay.setPointerCapture(event.pointerId);
      this.isArmed = true;
    });
    overlay.addEventListener("pointerup", (event) => {
      if (this.drag !== null && !this.drag.moved) {
        this.painter.pick?.(this.size, this.view, event.offsetX, event.offsetY);
      }
      this.drag = null;
    });
    overlay.addEventListener("pointerleave", () => {
      this.isArmed = false;
      this.clearReadout();
    });
    overlay.addEventListener("dblclick", () => this.reset());
    overlay.addEventListener("wheel", (event) => this.onWheel(event), { passive: false });
    overlay.addEventListener("keydown", (event) => this.onKey(event));
  }

  private onWheel(event: WheelEvent): void {
    // The wheel zooms once the pointer has moved over the chart, so that a chart sliding under a
    // resting pointer never catches the page's own scrolling.
    if (!this.isArmed && !event.ctrlKey) return;
    const isOut = event.deltaY > 0 && isWhole(this.view);
    if (isOut && !event.ctrlKey) return;
    event.preventDefault();
    this.zoomBy(Math.exp(event.deltaY * WHEEL_RATE), event.offsetX, event.offsetY);
  }

  private onKey(event: KeyboardEvent): void {
    const moves: Record<string, () => void> = {
      "+": () => this.zoomBy(0.6),
      "-": () => this.zoomBy(1 / 0.6),
      "0": () => this.reset(),
      ArrowLeft: () => this.shift(60, 0),
      ArrowRight: () => this.shift(-60, 0),
      ArrowUp: () => this.shift(0, 60),
      ArrowDown: () => this.shift(0, -60),
    };
    const move = moves[event.key];
    if (move === undefined) return;
    event.preventDefault();
    move();
  }

  private onMove(event: PointerEvent): void {
    if (event.movementX !== 0 || event.movementY !== 0) this.isArmed = true;
    if (this.drag !== null) {
      const acrossPixels = event.offsetX - this.drag.x;
      const downPixels = event.offsetY - this.drag.y;
      if (this.drag.moved || Math.hypot(acrossPixels, downPixels) > 3) {
        this.drag = { x: event.offsetX, y: event.offsetY, moved: true };
        this.shift(acrossPixels, downPixels);
      }
      return;
    }
    const pen = this.prepare(this.overlay, this.size);
    const lines = this.painter.read(pen, this.size, this.view, event.offsetX, event.offsetY);
    this.showReadout(lines, event.offsetX, event.offsetY);
  }

  private showReadout(lines: string[] | null, x: number, y: number): void {
    this.readout.hidden = lines === null;
    if (lines === null) return;
    this.readout.replaceChildren(
      ...lines.map((line, index) => el("div", index === 0 ? { class: "first" } : {}, line)),
    );
    const { offsetWidth, offsetHeight } = this.readout;
    const left = x + 18 + offsetWidth > this.size.width ? x - 18 - offsetWidth : x + 18;
    const top = Math.min(Math.max(y - offsetHeight / 2, 4), this.size.height - offsetHeight - 4);
    this.readout.style.transform = `translate(${Math.max(left, 4)}px, ${top}px)`;
  }

  private savePng(): void {
    const canvas = el("canvas");
    const pen = this.prepare(canvas, this.size, 2);
    pen.rect({ x: 0, y: 0, ...this.size }, "#ffffff");
    this.painter.paint(pen, this.size, this.view);
    canvas.toBlob((blob) => {
      if (blob !== null) download(blob, `${this.fileName()}.png`);
    });
  }

  private saveSvg(): void {
    const context = el("canvas").getContext("2d");
    const ruler = context === null ? null : new CanvasPen(context);
    const pen = new SvgPen(this.size.width, this.size.height, (value, size, bold) =>
      ruler === null ? value.length * size * 0.55 : ruler.textWidth(value, size, bold),
    );
    this.painter.paint(pen, this.size, this.view);
    const text = new XMLSerializer().serializeToString(pen.root);
    download(new Blob([text], { type: "image/svg+xml" }), `${this.fileName()}.svg`);
  }
}
