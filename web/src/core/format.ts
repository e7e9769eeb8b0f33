// Numbers and words as they are shown; unknown is always shown as an em dash, never as 0.

import { durationText } from "./time";

export const UNKNOWN = "—";

const WHOLE = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 0 });

/** A number with thin spaces between thousands, as in 10 272. */
export function numberText(value: number | null, digits = 0): string {
  if (value === null || !Number.isFinite(value)) return UNKNOWN;
  const size = Math.abs(value);
  const text =
    digits === 0
      ? WHOLE.format(size)
      : size.toLocaleString("en-GB", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return `${value < 0 ? "−" : ""}${text.replaceAll(",", "\u202f")}`;
}

export function rangeText(
  low: number | null,
  best: number | null,
  high: number | null,
  show: (value: number) => string,
): string {
  if (best === null) return UNKNOWN;
  if (low === null || high === null || (low === best && high === best)) return show(best);
  return `${show(best)} (${show(low)} – ${show(high)})`;
}

/** "1 statement", "2 statements". */
export function countText(count: number, singular: string, plural = `${singular}s`): string {
  return `${numberText(count)} ${count === 1 ? singular : plural}`;
}

export function minutesText(value: number | null): string {
  return value === null ? UNKNOWN : durationText(value * 60);
}

export function percentText(value: number): string {
  const percent = value * 100;
  if (percent > 0 && percent < 1) return "< 1 %";
  return `${Math.round(percent)} %`;
}

/** Schema words as prose: "host_does_not_run" becomes "host does not run". */
export function wordsText(value: string | null): string {
  return value === null ? UNKNOWN : value.replaceAll("_", " ");
}

const ELECTRIFICATION: Record<string, string> = {
  none: "not electrified",
  "3kv_dc": "3 kV DC",
  "1.5kv_dc": "1.5 kV DC",
  "750v_dc": "750 V DC",
  "25kv_50hz": "25 kV 50 Hz",
  "15kv_16.7hz": "15 kV 16.7 Hz",
};

export function electrificationText(value: string | null): string {
  return value === null ? "unknown" : (ELECTRIFICATION[value] ?? value);
}

const LANGUAGES: Record<string, string> = {
  KP: "ko",
  KR: "ko",
  CN: "zh-Hans",
  RU: "ru",
  MN: "mn",
  JP: "ja",
};

/** Language tag for a name in the local script, so that the right glyphs are chosen. */
export function languageOf(country: string | null): string {
  return (country === null ? undefined : LANGUAGES[country]) ?? "und";
}
