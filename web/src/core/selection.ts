// What is chosen on the page: one trip, followed by every section.

type Listener = (tripId: string) => void;

export class Selection {
  private chosen: string | null;
  private readonly listeners: Listener[] = [];

  constructor(tripId: string | null) {
    this.chosen = tripId;
  }

  get tripId(): string | null {
    return this.chosen;
  }

  choose(tripId: string): void {
    if (tripId === this.chosen) return;
    this.chosen = tripId;
    for (const listener of this.listeners) listener(tripId);
  }

  /** Calls the listener now, if a trip is chosen, and on every later choice. */
  follow(listener: Listener): void {
    this.listeners.push(listener);
    if (this.chosen !== null) listener(this.chosen);
  }
}
