// An inset: the places that lie too close for the whole map, drawn larger where it hides no route.

import { svg } from "../core/dom";
import { placeLabels, type Box } from "./labels";
import type { MapModel, MapPlace } from "./model";
import { fitMap, kilometresPerPixel, type MapFit } from "./projection";
import { drawCountries, drawRoutes } from "./scene";

export interface Inset {
  node: SVGGElement;
  /** Lesser places whose names the inset shows. */
  places: Set<MapPlace>;
  /** Where it lies on the map; no name is written under it. */
  box: Box;
}

type Point = [number, number];

const MAIN_IMPORTANCE = 5;
/** Main places closer than this on the whole map need an inset [px]. */
const NEAR = 45;
const WIDTH = 230;
const HEIGHT = 170;
/** Kilometres a pixel from which country outlines are drawn. */
const FINEST_OUTLINES = 0.2;
const EDGE = 10;
const STEP = 15;
/** Room for names beside the routes that an inset keeps clear of [px]. */
const CLEARANCE = 9;
const LABEL_HEIGHT = 16;

/** The largest crowd of main places, each near another of it; empty where none are near. */
export function findCrowd(screen: Point[], isMain: boolean[], near = NEAR): number[] {
  const crowds: number[][] = [];
  const seen = new Set<number>();
  const isNear = (a: number, b: number): boolean =>
    Math.hypot(screen[a]![0] - screen[b]![0], screen[a]![1] - screen[b]![1]) < near;
  screen.forEach((_, start) => {
    if (!isMain[start] || seen.has(start)) return;
    const crowd = [start];
    seen.add(start);
    for (const member of crowd) {
      screen.forEach((_other, other) => {
        if (!isMain[other] || seen.has(other) || !isNear(member, other)) return;
        seen.add(other);
        crowd.push(other);
      });
    }
    if (crowd.length > 1) crowds.push(crowd);
  });
  return crowds.toSorted((a, b) => b.length - a.length)[0] ?? [];
}

/** Where on the map it hides the fewest points of the routes, and of such places the nearest. */
export function findFreeBox(fit: { width: number; height: number }, points: Point[], near: Point): Box {
  let best: { box: Box; hidden: number; distance: number } | null = null;
  for (let left = EDGE; left + WIDTH <= fit.width - EDGE; left += STEP) {
    for (let top = EDGE; top + HEIGHT <= fit.height - EDGE; top += STEP) {
      const box = { left, top, right: left + WIDTH, bottom: top + HEIGHT };
      const hidden = points.filter(
        ([x, y]) =>
          x > left - CLEARANCE && x < box.right + CLEARANCE && y > top - CLEARANCE && y < box.bottom + CLEARANCE,
      ).length;
      const distance = Math.hypot(left + WIDTH / 2 - near[0], top + HEIGHT / 2 - near[1]);
      const isBetter =
        best === null || hidden < best.hidden || (hidden === best.hidden && distance < best.distance);
      if (isBetter) best = { box, hidden, distance };
    }
  }
  return best?.box ?? { left: EDGE, top: EDGE, right: EDGE + WIDTH, bottom: EDGE + HEIGHT };
}

/** Points along the shown routes and the places, as the whole map draws them. */
function routePoints(model: MapModel, fit: MapFit, screen: Point[]): Point[] {
  // The scale bar of the whole map stands in the lower left corner.
  const bar = Array.from({ length: 40 }, (_, index): Point => [index * 10, fit.height - 20]);
  const points = [...screen, ...bar];
  for (const route of model.routes.filter(({ isShown }) => isShown)) {
    const line = route.line.map((at): Point => fit.projection(at) ?? [NaN, NaN]);
    line.slice(1).forEach((to, index) => {
      const from = line[index]!;
      const count = Math.ceil(Math.hypot(to[0] - from[0], to[1] - from[1]) / 10);
      for (let step = 0; step < count; step += 1) {
        const share = step / count;
        points.push([from[0] + share * (to[0] - from[0]), from[1] + share * (to[1] - from[1])]);
      }
    });
  }
  return points;
}

function drawPlaces(places: MapPlace[], fit: MapFit, mark: (place: MapPlace) => SVGElement): SVGElement[] {
  const placed = places.map((place): Point => fit.projection(place.at) ?? [NaN, NaN]);
  const inside = places
    .map((place, index) => ({ place, at: placed[index]! }))
    .filter(({ at: [x, y] }) => x > 4 && y > 4 && x < WIDTH - 4 && y < HEIGHT - 4);
  const rank = (place: MapPlace): number => place.importance + (place.changesGauge ? 10 : 0);
  const ranked = inside.toSorted((a, b) => rank(a.place) - rank(b.place));
  const marks = ranked.map(({ place, at: [x, y] }) => svg("g", { transform: `translate(${x} ${y})` }, mark(place)));
  const wishes = inside.map(({ place, at: [x, y] }) => ({
    x,
    y,
    width: place.point.name.length * 7.2 + 4,
    height: LABEL_HEIGHT,
    importance: place.importance,
  }));
  const bar: Box = { left: WIDTH * 0.45, top: HEIGHT - 24, right: WIDTH, bottom: HEIGHT };
  const labels = placeLabels(wishes, WIDTH, HEIGHT, [], [bar]).map((label) => {
    const { place } = inside[label.index]!;
    const kind = place.importance >= MAIN_IMPORTANCE ? "label main" : "label";
    return svg("text", { x: label.x, y: label.y, "text-anchor": label.anchor, class: kind }, place.point.name);
  });
  return [...marks, ...labels];
}

function scaleBar(fit: MapFit): SVGElement {
  const perPixel = kilometresPerPixel(fit.projection, WIDTH / 2, HEIGHT / 2);
  const most = perPixel * 90;
  const power = 10 ** Math.floor(Math.log10(most));
  const length = [5, 2, 1].map((factor) => factor * power).find((value) => value <= most) ?? power;
  const end = WIDTH - 62;
  const top = HEIGHT - 12;
  return svg(
    "g",
    { class: "scale-bar" },
    svg("path", { d: `M${end - length / perPixel},${top - 5}V${top}H${end}V${top - 5}` }),
    svg("text", { x: end + 6, y: top }, `${length} km`),
  );
}

/** An inset of the places that the whole map cannot tell apart; null where there are none. */
export function buildInset(
  model: MapModel,
  fit: MapFit,
  outlines: object | null,
  mark: (place: MapPlace) => SVGElement,
): Inset | null {
  const screen = model.places.map((place): Point => fit.projection(place.at) ?? [NaN, NaN]);
  const isMain = model.places.map((place) => place.importance >= MAIN_IMPORTANCE);
  const crowd = findCrowd(screen, isMain);
  if (crowd.length === 0 || fit.height < HEIGHT + 2 * EDGE) return null;
  const members = crowd.map((index) => model.places[index]!);
  const near = fitMap(members.map((place) => place.at), WIDTH, HEIGHT);
  const xs = crowd.map((index) => screen[index]![0]);
  const ys = crowd.map((index) => screen[index]![1]);
  const [left, top] = [Math.min(...xs) - 10, Math.min(...ys) - 10];
  const [width, height] = [Math.max(...xs) + 10 - left, Math.max(...ys) + 10 - top];
  const box = findFreeBox(fit, routePoints(model, fit, screen), [left + width / 2, top + height / 2]);
  const shown = model.places.filter((place) => {
    const [x, y] = near.projection(place.at) ?? [NaN, NaN];
    return x > 0 && y > 0 && x < WIDTH && y < HEIGHT && (place.importance >= 2 || place.changes.length > 0);
  });
  // Country outlines are good to a few kilometres, so that they would mislead on a closer picture.
  const isFine = kilometresPerPixel(near.projection, WIDTH / 2, HEIGHT / 2) < FINEST_OUTLINES;
  const clip = "map-inset";
  const picture = svg(
    "g",
    { "clip-path": `url(#${clip})` },
    svg("rect", { width: WIDTH, height: HEIGHT, class: isFine ? "plain" : "sea" }),
    ...(isFine ? [] : [drawCountries(outlines, near)]),
    ...drawRoutes(model, near).values(),
    ...drawPlaces(shown, near, mark),
    scaleBar(near),
  );
  const node = svg(
    "g",
    { class: "inset" },
    svg("clipPath", { id: clip }, svg("rect", { width: WIDTH, height: HEIGHT })),
    svg("rect", { x: left, y: top, width, height, class: "inset-frame" }),
    svg(
      "g",
      { transform: `translate(${box.left} ${box.top})` },
      picture,
      svg("rect", { width: WIDTH, height: HEIGHT, class: "inset-frame" }),
    ),
  );
  return { node, box, places: new Set(shown.filter((place) => place.importance < MAIN_IMPORTANCE)) };
}
