// One place for verdicts: tone, symbol and words. The symbol carries the meaning, colour repeats it.

import { el } from "./dom";
import { wordsText } from "./format";

export type Tone = "good" | "risk" | "bad" | "unknown" | "note";

const TONES: Record<string, Tone> = {
  ran: "good",
  made: "good",
  works: "good",
  ok: "good",
  holds: "good",
  consistent: "good",
  at_risk: "risk",
  warn: "risk",
  only_if_zones_ignored: "risk",
  simplified: "risk",
  ambiguous: "risk",
  only_if: "risk",
  does_not_work: "bad",
  too_short: "bad",
  block: "bad",
  contradicted: "bad",
  inconsistent: "bad",
  note: "note",
};

const SYMBOLS: Record<Tone, string> = {
  good: "✓",
  risk: "▲",
  bad: "✕",
  unknown: "?",
  note: "•",
};

/** Fills for charts; the style sheet holds the same values. Okabe–Ito hues, darkened for print. */
export const TONE_COLOURS: Record<Tone, string> = {
  good: "#0a7d5a",
  risk: "#b26a00",
  bad: "#c0392b",
  unknown: "#68727d",
  note: "#3d5a80",
};

export function toneOf(verdict: string | null): Tone {
  return (verdict === null ? undefined : TONES[verdict]) ?? "unknown";
}

export function symbolOf(verdict: string | null): string {
  return SYMBOLS[toneOf(verdict)];
}

const WORDS: Record<string, string> = {
  ran: "reported as run",
  made: "made: reported as run",
  ok: "agrees",
  warn: "needs care",
  block: "cannot run so",
  only_if_zones_ignored: "only if time zones are ignored",
  only_if: "only if read another way",
  no_model: "no model for this",
};

export function verdictWords(verdict: string | null): string {
  return verdict === null ? "unknown" : (WORDS[verdict] ?? wordsText(verdict));
}

export function badge(verdict: string | null, words?: string): HTMLElement {
  const tone = toneOf(verdict);
  return el(
    "span",
    { class: `badge tone-${tone}` },
    el("span", { class: "symbol", "aria-hidden": "true" }, SYMBOLS[tone]),
    words ?? verdictWords(verdict),
  );
}
