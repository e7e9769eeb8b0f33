// Words of the timetable: kinds of conflict, ways of running, colours of categories.

export const KIND_WORDS: Record<string, string> = {
  opposing: "head-on on single track",
  catching_up: "catching up",
  headway: "too close behind",
  station_full: "station full",
  loop_too_short: "loop too short",
  possession: "in a possession",
};

export const MODE_WORDS: Record<string, string> = {
  running_time: "times from physics",
  timetable: "stated times, no physics",
  not_run: "does not run",
};

export const CATEGORIES = ["passenger", "freight", "mixed"] as const;

/** Apart in hue and in lightness for colour-blind readers. */
export const CATEGORY_COLOURS: Record<string, string> = {
  passenger: "#12496b",
  freight: "#c05a12",
  mixed: "#5f9e57",
};

/** Place of a category among the colours; an unknown one is taken for mixed. */
export function categoryPlace(category: string | null): number {
  const place = CATEGORIES.indexOf(category as (typeof CATEGORIES)[number]);
  return place < 0 ? CATEGORIES.length - 1 : place;
}

export function kindText(kind: string): string {
  return KIND_WORDS[kind] ?? kind.replaceAll("_", " ");
}
