// Makes the compact country outlines that ship in the wheel from Natural Earth's 1:50m countries.
import { readFileSync, writeFileSync } from "node:fs";

import { geoBounds } from "d3-geo";
import { feature } from "topojson-client";

const atlasPath = new URL("../node_modules/world-atlas/countries-50m.json", import.meta.url);
const outPath = new URL("../../src/arterial/report/assets/bundle/outlines.json", import.meta.url);

const atlas = JSON.parse(readFileSync(atlasPath, "utf8"));
const { countries } = atlas.objects;
const degrees = (value) => Math.round(value * 100) / 100;

// The bounds let the report pick the countries near a study without any geometry library.
const geometries = countries.geometries.map((geometry) => {
  const [[west, south], [east, north]] = geoBounds(feature(atlas, geometry));
  return {
    type: geometry.type,
    arcs: geometry.arcs,
    properties: { name: geometry.properties.name, bounds: [west, south, east, north].map(degrees) },
  };
});

const outlines = {
  type: "Topology",
  transform: atlas.transform,
  objects: { countries: { type: "GeometryCollection", geometries } },
  arcs: atlas.arcs,
};
writeFileSync(outPath, JSON.stringify(outlines));
