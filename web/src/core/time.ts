// Civil time at the page's edge: instants are seconds UTC since the study epoch.

const MINUTE_S = 60;
const HOUR_S = 3600;
export const DAY_S = 86400;

const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

function civil(atS: number, epochS: number, offsetMin: number): Date {
  return new Date((epochS + atS + offsetMin * MINUTE_S) * 1000);
}

const two = (value: number): string => String(value).padStart(2, "0");

export function clockText(atS: number, epochS: number, offsetMin: number): string {
  // Times are shown to the minute; half a minute rounds up so that 07:59:40 does not read 07:59.
  const date = civil(Math.round(atS / MINUTE_S) * MINUTE_S, epochS, offsetMin);
  return `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
}

/** Whole local days since 1970, for counting day marks such as D+1. */
export function dayNumber(atS: number, epochS: number, offsetMin: number): number {
  const seconds = Math.round(atS / MINUTE_S) * MINUTE_S;
  return Math.floor((epochS + seconds + offsetMin * MINUTE_S) / DAY_S);
}

export function dayText(atS: number, epochS: number, offsetMin: number): string {
  const date = civil(Math.round(atS / MINUTE_S) * MINUTE_S, epochS, offsetMin);
  return `${WEEKDAYS[date.getUTCDay()]} ${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`;
}

export function momentText(atS: number, epochS: number, offsetMin: number): string {
  return `${dayText(atS, epochS, offsetMin)} ${clockText(atS, epochS, offsetMin)}`;
}

/** "2025-08-20 11:33", for moments far apart. */
export function stampText(atS: number, epochS: number, offsetMin: number): string {
  return `${isoDay(atS, epochS, offsetMin)} ${clockText(atS, epochS, offsetMin)}`;
}

export function isoDay(atS: number, epochS: number, offsetMin: number): string {
  return civil(atS, epochS, offsetMin).toISOString().slice(0, 10);
}

/** Offset of a zone at an instant [min east of UTC]; null where the zone is not known here. */
export function zoneOffsetMin(zone: string | null, utcS: number): number | null {
  if (zone === null) return null;
  try {
    const format = new Intl.DateTimeFormat("en", { timeZone: zone, timeZoneName: "longOffset" });
    const part = format.formatToParts(new Date(utcS * 1000)).find(({ type }) => type === "timeZoneName");
    const found = /^GMT(?:([+-])(\d\d):(\d\d))?$/.exec(part?.value ?? "");
    if (found === null) return null;
    const minutes = 60 * Number(found[2] ?? 0) + Number(found[3] ?? 0);
    return found[1] === "-" ? -minutes : minutes;
  } catch {
    return null;
  }
}

/** "UTC+9", "UTC+8:30": the name of an offset. */
export function offsetText(offsetMin: number): string {
  const sign = offsetMin < 0 ? "−" : "+";
  const size = Math.abs(offsetMin);
  const minutes = size % 60;
  return `UTC${sign}${Math.floor(size / 60)}${minutes === 0 ? "" : `:${two(minutes)}`}`;
}

/** "Tue 17 Jun 2025" from an ISO date. */
export function dateText(iso: string): string {
  const date = new Date(`${iso}T00:00:00Z`);
  if (Number.isNaN(date.getTime())) return iso;
  const month = MONTHS[date.getUTCMonth()];
  return `${WEEKDAYS[date.getUTCDay()]} ${date.getUTCDate()} ${month} ${date.getUTCFullYear()}`;
}

export function monthText(month: number): string {
  return MONTHS[month] ?? "";
}

/** "8 d 6 h", "9 d", "6 h 05 min", "12 min": a duration, from a day on to the nearest hour. */
export function durationText(seconds: number): string {
  const sign = seconds < 0 ? "−" : "";
  const total = Math.round(Math.abs(seconds) / MINUTE_S);
  const wholeHours = Math.round(total / 60);
  if (total >= 1440) {
    const rest = wholeHours % 24;
    return `${sign}${Math.floor(wholeHours / 24)} d${rest === 0 ? "" : ` ${rest} h`}`;
  }
  const [hours, minutes] = [Math.floor(total / 60), total % 60];
  if (hours === 0) return `${sign}${minutes} min`;
  return `${sign}${hours} h${minutes === 0 ? "" : ` ${two(minutes)} min`}`;
}

/** Time to spare; what is below nought is told as what is missing. */
export function slackText(seconds: number): string {
  return seconds < 0 ? `${durationText(-seconds)} short` : durationText(seconds);
}

export const hours = (value: number): number => value * HOUR_S;
