// The distance axis: kilometres to a fraction 0–1 of the axis, true to scale or equally spaced.

export class DistanceScale {
  private readonly knots: number[];
  private readonly isEqual: boolean;

  constructor(kilometres: number[], isEqual: boolean) {
    this.knots = [...new Set(kilometres)].sort((a, b) => a - b);
    this.isEqual = isEqual && this.knots.length > 1;
  }

  private get first(): number {
    return this.knots[0] ?? 0;
  }

  private get last(): number {
    return this.knots.at(-1) ?? 1;
  }

  toShare(km: number): number {
    const { knots } = this;
    if (!this.isEqual) {
      const span = this.last - this.first;
      return span > 0 ? (km - this.first) / span : 0.5;
    }
    const next = knots.findIndex((knot) => knot >= km);
    if (next === 0) return 0;
    if (next < 0) return 1;
    const before = knots[next - 1]!;
    const share = (km - before) / (knots[next]! - before);
    return (next - 1 + share) / (knots.length - 1);
  }

  toKm(share: number): number {
    if (!this.isEqual) return this.first + share * (this.last - this.first);
    const place = Math.min(Math.max(share, 0), 1) * (this.knots.length - 1);
    const index = Math.min(Math.floor(place), this.knots.length - 2);
    const before = this.knots[index]!;
    return before + (place - index) * (this.knots[index + 1]! - before);
  }
}
