// The map's picture: countries, routes, places and labels under a camera that moves and zooms.

import { button, el, svg } from "../core/dom";
import { languageOf, numberText } from "../core/format";
import type { Inset } from "./inset";
import { placeLabels } from "./labels";
import type { MapModel, MapPlace } from "./model";
import { kilometresPerPixel, type MapFit } from "./projection";

const MOST_ZOOM = 60;
const LABEL_SIZE = 12.5;

export interface Camera {
  zoom: number;
  x: number;
  y: number;
}

export function marker(place: MapPlace): SVGElement {
  if (place.changesGauge) return svg("path", { d: "M0,-6.5L6.5,0L0,6.5L-6.5,0Z", class: "mark gauge" });
  if (place.isBorder) return svg("rect", { x: -4, y: -4, width: 8, height: 8, class: "mark border" });
  if (place.changes.length > 0) {
    return svg("path", { d: "M0,-5.5L5,4L-5,4Z", class: "mark current" });
  }
  const kind = place.importance >= 5 ? "mark stop main" : "mark stop";
  return svg("circle", { r: place.importance >= 5 ? 4.2 : place.importance >= 2 ? 3 : 1.6, class: kind });
}

/** Marks of a higher rank are drawn over others at nearly the same place. */
function rankOf(place: MapPlace): number {
  return place.importance + (place.changesGauge ? 10 : 0);
}

/** What is drawn over the routes and under the places; it follows the camera. */
export interface MapLayer {
  node: SVGGElement;
  place(camera: Camera): void;
}

export class MapDrawing {
  readonly root: SVGSVGElement;
  private readonly ground: SVGGElement;
  private readonly marks = svg("g");
  private readonly labels = svg("g", { class: "labels" });
  private readonly bar = svg("g", { class: "scale-bar" });
  private readonly screen: [number, number][];
  private readonly measure: CanvasRenderingContext2D | null;
  private camera: Camera = { zoom: 1, x: 0, y: 0 };
  private inset: Inset | null = null;
  private isArmed = false;
  private readonly layers: MapLayer[] = [];

  constructor(
    private readonly model: MapModel,
    private readonly fit: MapFit,
    readonly routes: Map<string, SVGPathElement>,
    countries: SVGGElement,
    private readonly tooltip: HTMLElement,
  ) {
    const { width, height } = fit;
    this.measure = el("canvas").getContext("2d");
    this.ground = svg("g", {}, countries, svg("g", { class: "routes" }, ...routes.values()));
    this.root = svg(
      "svg",
      {
        viewBox: `0 0 ${width} ${height}`,
        class: "map",
        role: "img",
        tabindex: 0,
        "aria-label": "Map of the routes. Arrow keys move, plus and minus zoom, 0 shows everything.",
      },
      svg("rect", { width, height, class: "sea" }),
      this.ground,
      this.marks,
      this.labels,
      this.bar,
    );
    this.screen = model.places.map((place) => fit.projection(place.at) ?? [NaN, NaN]);
    this.listen();
    this.redraw();
  }

  zoomBy(factor: number, x = this.fit.width / 2, y = this.fit.height / 2): void {
    const zoom = Math.min(Math.max(this.camera.zoom * factor, 1), MOST_ZOOM);
    const scale = zoom / this.camera.zoom;
    this.move({ zoom, x: x - (x - this.camera.x) * scale, y: y - (y - this.camera.y) * scale });
  }

  reset(): void {
    this.move({ zoom: 1, x: 0, y: 0 });
  }

  /** Puts a drawing of a crowded place over a corner and leaves its names to it. */
  addInset(inset: Inset): void {
    this.inset = inset;
    this.labels.before(inset.node);
    this.redraw();
  }

  addLayer(layer: MapLayer): void {
    this.layers.push(layer);
    this.ground.after(layer.node);
    layer.place(this.camera);
  }

  shiftBy(across: number, down: number): void {
    const { zoom, x, y } = this.camera;
    this.move({ zoom, x: x + across, y: y + down });
  }

  private move(camera: Camera): void {
    const { width, height } = this.fit;
    const hold = (value: number, length: number): number =>
      Math.min(Math.max(value, length * (1 - camera.zoom) - length * 0.3), length * 0.3);
    const isWhole = camera.zoom === 1;
    this.camera = isWhole
      ? { zoom: 1, x: 0, y: 0 }
      : { ...camera, x: hold(camera.x, width), y: hold(camera.y, height) };
    this.redraw();
  }

  private redraw(): void {
    const { zoom, x, y } = this.camera;
    this.ground.setAttribute("transform", `translate(${x} ${y}) scale(${zoom})`);
    const placed = this.screen.map(([px, py]): [number, number] => [px * zoom + x, py * zoom + y]);
    for (const layer of this.layers) layer.place(this.camera);
    this.drawMarks(placed);
    this.drawLabels(placed);
    this.drawScale();
    if (this.inset !== null) this.inset.node.style.display = zoom > 1 ? "none" : "";
  }

  private isVisible(place: MapPlace): boolean {
    return place.importance >= 2 || this.camera.zoom >= 3 || place.changes.length > 0;
  }

  private drawMarks(placed: [number, number][]): void {
    const order = this.model.places
      .map((place, index) => ({ place, index }))
      .filter(({ place }) => this.isVisible(place))
      .sort((a, b) => rankOf(a.place) - rankOf(b.place));
    const nodes = order.map(({ place, index }) => {
      const [px, py] = placed[index]!;
      const node = svg("g", { transform: `translate(${px} ${py})` }, marker(place));
      node.addEventListener("pointerenter", () => this.showTooltip(place, px, py));
      node.addEventListener("pointerleave", () => this.hideLines());
      return node;
    });
    this.marks.replaceChildren(...nodes);
  }

  private drawLabels(placed: [number, number][]): void {
    const { measure } = this;
    if (measure !== null) measure.font = `600 ${LABEL_SIZE}px sans-serif`;
    const indices = this.model.places.map((_, index) => index);
    const shown = indices.filter((index) => {
      const [px, py] = placed[index]!;
      const isInside = px >= 0 && py >= 0 && px <= this.fit.width && py <= this.fit.height;
      const place = this.model.places[index]!;
      const isNamed = this.camera.zoom === 1 && this.inset?.places.has(place) === true;
      return isInside && this.isVisible(place) && !isNamed;
    });
    const wishes = shown.map((index) => {
      const place = this.model.places[index]!;
      const [px, py] = placed[index]!;
      const width = (measure?.measureText(place.point.name).width ?? 60) + 4;
      return { x: px, y: py, width, height: LABEL_SIZE + 4, importance: place.importance };
    });
    const lines = this.linePoints();
    const blocked = this.inset === null || this.camera.zoom > 1 ? [] : [this.inset.box];
    const nodes = placeLabels(wishes, this.fit.width, this.fit.height - 34, lines, blocked).map((label) => {
      const place = this.model.places[shown[label.index]!]!;
      const isMain = place.importance >= 5;
      const attributes = { x: label.x, y: label.y, "text-anchor": label.anchor };
      return svg("text", { ...attributes, class: isMain ? "label main" : "label" }, place.point.name);
    });
    this.labels.replaceChildren(...nodes);
  }

  /** Points every few pixels along the routes, as the labels must keep clear of them. */
  private linePoints(): number[] {
    const { zoom, x, y } = this.camera;
    const points: number[] = [];
    for (const route of this.model.routes.filter(({ isShown }) => isShown)) {
      const line = route.line.map((at): [number, number] => this.fit.projection(at) ?? [NaN, NaN]);
      line.slice(1).forEach((to, index) => {
        const from = line[index]!;
        const length = Math.hypot(to[0] - from[0], to[1] - from[1]) * zoom;
        const count = Math.min(Math.ceil(length / 5), 300);
        for (let step = 0; step < count; step += 1) {
          const share = step / count;
          const px = (from[0] + share * (to[0] - from[0])) * zoom + x;
          const py = (from[1] + share * (to[1] - from[1])) * zoom + y;
          points.push(px, py);
        }
      });
    }
    return points;
  }

  private drawScale(): void {
    const { width, height, projection } = this.fit;
    const { zoom, x, y } = this.camera;
    const centre = [(width / 2 - x) / zoom, (height / 2 - y) / zoom] as const;
    const perPixel = kilometresPerPixel(projection, centre[0], centre[1]) / zoom;
    if (!(perPixel > 0)) return;
    const most = perPixel * 180;
    const power = 10 ** Math.floor(Math.log10(most));
    const length = [5, 2, 1].map((factor) => factor * power).find((value) => value <= most) ?? power;
    const pixels = length / perPixel;
    const top = height - 20;
    this.bar.replaceChildren(
      svg("path", { d: `M16,${top - 5}V${top}H${16 + pixels}V${top - 5}` }),
      svg("text", { x: 22 + pixels, y: top }, `${numberText(length)} km, at the middle of the map`),
    );
  }

  /** Shows lines beside a place on the picture, given in its own pixels. */
  showLines(lines: HTMLElement[], x: number, y: number): void {
    this.tooltip.replaceChildren(...lines);
    this.tooltip.hidden = false;
    const share = this.root.clientWidth / this.fit.width;
    const left = Math.min(x * share + 14, this.root.clientWidth - this.tooltip.offsetWidth - 8);
    const top = Math.min(y * share + 12, this.root.clientHeight - this.tooltip.offsetHeight - 8);
    this.tooltip.style.transform = `translate(${left}px, ${top}px)`;
  }

  hideLines(): void {
    this.tooltip.hidden = true;
  }

  private showTooltip(place: MapPlace, x: number, y: number): void {
    const { point } = place;
    const lang = languageOf(point.country);
    const local = point.name_local === null ? null : el("div", { lang }, point.name_local);
    const hanja = point.name_hanja === null ? null : el("div", { lang: "zh-Hant" }, point.name_hanja);
    const words = [point.kind, point.gauges_mm === null ? null : `${point.gauges_mm} mm`, point.zone];
    const error = point.coordinate_error_km;
    const lines = [
      el("div", { class: "first" }, point.name),
      ...[local, hanja].filter((node) => node !== null),
      el("div", {}, words.filter((word) => word !== null).join(" · ")),
      ...place.changes.map((change) => el("div", {}, `change of ${change}`)),
      ...(error === null ? [] : [el("div", { class: "quiet" }, `position within ${error} km`)]),
    ];
    this.showLines(lines, x, y);
  }

  private onKey(event: KeyboardEvent): void {
    const moves: Record<string, () => void> = {
      "+": () => this.zoomBy(1.6),
      "-": () => this.zoomBy(1 / 1.6),
      "0": () => this.reset(),
      ArrowLeft: () => this.shiftBy(60, 0),
      ArrowRight: () => this.shiftBy(-60, 0),
      ArrowUp: () => this.shiftBy(0, 60),
      ArrowDown: () => this.shiftBy(0, -60),
    };
    const move = moves[event.key];
    if (move === undefined) return;
    event.preventDefault();
    move();
  }

  private listen(): void {
    const { root } = this;
    let drag: { x: number; y: number } | null = null;
    const share = (): number => this.fit.width / Math.max(root.clientWidth, 1);
    root.addEventListener("pointerdown", (event) => {
      drag = { x: event.clientX, y: event.clientY };
      root.setPointerCapture(event.pointerId);
      this.isArmed = true;
    });
    root.addEventListener("pointermove", (event) => {
      if (event.movementX !== 0 || event.movementY !== 0) this.isArmed = true;
      if (drag === null) return;
      const { zoom, x, y } = this.camera;
      const shiftX = (event.clientX - drag.x) * share();
      const shiftY = (event.clientY - drag.y) * share();
      drag = { x: event.clientX, y: event.clientY };
      this.move({ zoom, x: x + shiftX, y: y + shiftY });
    });
    root.addEventListener("pointerup", () => (drag = null));
    root.addEventListener("pointerleave", () => (this.isArmed = false));
    root.addEventListener("dblclick", () => this.reset());
    root.addEventListener("keydown", (event) => this.onKey(event));
    root.addEventListener(
      "wheel",
      (event) => {
        // As on the charts: only a pointer that has moved over the map may catch the wheel.
        const isOut = event.deltaY > 0 && this.camera.zoom === 1;
        if ((!this.isArmed && !event.ctrlKey) || isOut) return;
        event.preventDefault();
        const box = root.getBoundingClientRect();
        const x = (event.clientX - box.left) * share();
        const y = (event.clientY - box.top) * share();
        this.zoomBy(Math.exp(-event.deltaY * 0.0016), x, y);
      },
      { passive: false },
    );
  }
}

export function mapTools(drawing: MapDrawing): HTMLElement {
  return el(
    "div",
    { class: "chart-tools" },
    button("+", () => drawing.zoomBy(1.6), { "aria-label": "Zoom in" }),
    button("−", () => drawing.zoomBy(1 / 1.6), { "aria-label": "Zoom out" }),
    button("Reset", () => drawing.reset()),
  );
}
