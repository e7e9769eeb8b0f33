// The still parts of the map: countries, graticule and routes as SVG paths.

import { geoGraticule, geoPath } from "d3-geo";
import type { Feature, FeatureCollection, Geometry } from "geojson";
import { feature, mesh } from "topojson-client";
import type { GeometryCollection, Topology } from "topojson-specification";

import { svg } from "../core/dom";
import type { MapModel } from "./model";
import type { MapFit } from "./projection";

type Countries = Topology<{ countries: GeometryCollection<{ name: string }> }>;

export const MAIN_COLOUR = "#12496b";
const VARIANT_COLOURS = ["#c05a12", "#8a3f86", "#3f7d3a", "#0f8a93", "#a88410", "#a8324a"];

export function routeColours(model: MapModel): Map<string, string> {
  const colours = new Map<string, string>();
  let variants = 0;
  let mains = 0;
  for (const route of model.routes.toReversed()) {
    if (!route.isVariant && mains === 0) {
      colours.set(route.routeId, MAIN_COLOUR);
      mains += 1;
    } else {
      colours.set(route.routeId, VARIANT_COLOURS[variants % VARIANT_COLOURS.length]!);
      variants += 1;
    }
  }
  return colours;
}

function countryName(country: Feature<Geometry, { name: string }>, fit: MapFit): SVGTextElement | null {
  const clipped = fit.projection.clipExtent();
  fit.projection.clipExtent([
    [0, 0],
    [fit.width, fit.height],
  ]);
  const path = geoPath(fit.projection);
  const area = path.area(country);
  const [x, y] = path.centroid(country);
  fit.projection.clipExtent(clipped);
  if (area < 9000 || !Number.isFinite(x)) return null;
  return svg("text", { x, y, class: "country-name" }, country.properties.name);
}

/** Countries near the study, with shared borders drawn once. */
export function drawCountries(outlines: object | null, fit: MapFit): SVGGElement {
  const group = svg("g", { class: "countries" });
  const path = geoPath(fit.projection);
  const graticule = geoGraticule().step([10, 10]);
  group.append(svg("path", { d: path(graticule()) ?? "", class: "graticule" }));
  if (outlines === null) return group;
  const topology = outlines as Countries;
  const countries = feature(topology, topology.objects.countries) as FeatureCollection<
    Geometry,
    { name: string }
  >;
  group.append(svg("path", { d: path(countries) ?? "", class: "land" }));
  const borders = mesh(topology, topology.objects.countries, (a, b) => a !== b);
  group.append(svg("path", { d: path(borders) ?? "", class: "frontier" }));
  for (const country of countries.features) {
    const name = countryName(country, fit);
    if (name !== null) group.append(name);
  }
  return group;
}

/** One path per route; variants are dashed and thinner than the main routes. */
export function drawRoutes(model: MapModel, fit: MapFit): Map<string, SVGPathElement> {
  const path = geoPath(fit.projection);
  const colours = routeColours(model);
  const paths = new Map<string, SVGPathElement>();
  for (const route of model.routes) {
    if (route.line.length < 2) continue;
    const d = path({ type: "LineString", coordinates: route.line }) ?? "";
    const kind = route.isVariant ? "route variant" : "route";
    const node = svg("path", { d, class: kind, stroke: colours.get(route.routeId) ?? MAIN_COLOUR });
    if (!route.isShown) node.style.display = "none";
    paths.set(route.routeId, node);
  }
  return paths;
}
