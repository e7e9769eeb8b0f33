// Draws a string-line as a stack of layers; an app may put further layers on top.

import type { StudyView } from "../core/study-view";
import type { Painter, Size } from "../drawing/chart";
import { INK, type Pen, type Rect } from "../drawing/pen";
import type { Viewport } from "../drawing/viewport";
import { drawAxes } from "./axes";
import { Frame, stringLineArea, type StringLineOptions } from "./frame";
import {
  drawLocalMidnights,
  drawMarkNames,
  drawMarks,
  drawStations,
  drawTimeGrid,
  drawZoneNames,
  drawZones,
  type Layer,
} from "./ground-layers";
import type { StringLineModel } from "./model";
import { positionAt, readoutLines } from "./readout";
import { drawHandovers, drawLegs, drawOthers, drawRange, drawTrainNames } from "./trip-layers";

const GROUND: Layer[] = [drawZones, drawTimeGrid, drawStations, drawLocalMidnights, drawMarks];
const TRIPS: Layer[] = [drawOthers, drawRange, drawLegs, drawHandovers];

export class StringLinePainter implements Painter {
  readonly axes = { across: true, down: true };
  model: StringLineModel | null = null;

  constructor(
    private readonly study: StudyView,
    readonly options: StringLineOptions,
    private readonly extraLayers: Layer[] = [],
  ) {}

  plotArea(size: Size): Rect {
    return stringLineArea(size, this.options.isSwapped);
  }

  paint(pen: Pen, size: Size, view: Viewport): void {
    if (this.model === null) return;
    const frame = new Frame(size, view, this.model, this.options);
    const names = drawTrainNames((trainId) => `train ${this.study.trainLabel(trainId)}`);
    pen.clip(frame.area, () => {
      for (const layer of [...GROUND, ...this.extraLayers, ...TRIPS]) layer(pen, frame);
      drawMarkNames(pen, frame);
      names(pen, frame);
    });
    drawZoneNames(pen, frame);
    drawAxes(pen, frame);
  }

  read(pen: Pen, size: Size, view: Viewport, x: number, y: number): string[] | null {
    if (this.model === null) return null;
    const frame = new Frame(size, view, this.model, this.options);
    const { area } = frame;
    if (x < area.x || y < area.y || x > area.x + area.width || y > area.y + area.height) return null;
    const atS = frame.timeAt(x, y);
    const place = positionAt(this.model, atS);
    pen.line(frame.timeLine(atS), { colour: INK, width: 0.8, dash: [4, 3] });
    if (place === null) return null;
    pen.line(frame.distanceLine(place.km), { colour: INK, width: 0.8, dash: [4, 3] });
    const [dotX, dotY] = frame.place(atS, place.km);
    pen.dot(dotX, dotY, 4.5, INK, { colour: "#ffffff", width: 1.5 });
    return readoutLines(this.study, this.model, atS);
  }
}
