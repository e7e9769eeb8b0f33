// Days of a service by month, and the years that a calendar must show.

import type { Trip } from "../rows";

export interface MonthRow {
  year: number;
  month: number;
  daysCount: number;
}

export function monthsBetween(from: string, to: string): MonthRow[] {
  const start = new Date(`${from}T00:00:00Z`);
  const end = new Date(`${to}T00:00:00Z`);
  const rows: MonthRow[] = [];
  let year = start.getUTCFullYear();
  let month = start.getUTCMonth();
  while (year < end.getUTCFullYear() || (year === end.getUTCFullYear() && month <= end.getUTCMonth())) {
    rows.push({ year, month, daysCount: new Date(Date.UTC(year, month + 1, 0)).getUTCDate() });
    month += 1;
    if (month === 12) {
      month = 0;
      year += 1;
    }
  }
  return rows;
}

export function isoDate(year: number, month: number, day: number): string {
  return `${year}-${String(month + 1).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
}

export function isWeekend(year: number, month: number, day: number): boolean {
  const weekday = new Date(Date.UTC(year, month, day)).getUTCDay();
  return weekday === 0 || weekday === 6;
}

export function tripsByDate(trips: Trip[]): Map<string, Trip> {
  return new Map(trips.map((trip) => [trip.trip_date, trip]));
}
