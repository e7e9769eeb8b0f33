// Words of the timetable: kinds of conflict, ways of running, colours of categories.

export const KIND_WORDS: Record<string, string> = {
  opposing: "head-on on single track",
  catching_up: "one catching up with the other",
  headway: "too close behind one another",
  station_full: "more trains than tracks",
  loop_too_short: "no loop that holds one of them",
  track_taken: "no free track that they can use",
  track_unfit: "a stated track that cannot hold the train",
  throat: "ways that cross in the throat of a station",
  connection: "the connection is missed",
  possession: "on closed track",
  too_fast: "faster than line and train allow",
};

/** How grave a conflict is. */
export const IMPOSSIBLE_WORDS = "cannot be run on the track there is";
export const CLOSE_WORDS = "to be settled on the way, or too close";

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
  mixed: "#4b8243",
};

/** Place of a category among the colours; an unknown one is taken for mixed. */
export function categoryPlace(category: string | null): number {
  const place = CATEGORIES.indexOf(category as (typeof CATEGORIES)[number]);
  return place < 0 ? CATEGORIES.length - 1 : place;
}

export function kindText(kind: string): string {
  return KIND_WORDS[kind] ?? kind.replaceAll("_", " ");
}
