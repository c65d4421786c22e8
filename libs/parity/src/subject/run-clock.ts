import type { RunEvent } from '../model/observation.ts';

/** The times of a run. The window is in whole milliseconds, widened, because no clock here tells more. */
export class RunClock {
  readonly events: RunEvent[] = [];
  milliseconds = 0;
  window = { began: Date.now() * 1000, ended: 0 };
  readonly #began = performance.now();

  say(kind: RunEvent['kind'], text: string): void {
    this.events.push({ kind, seconds: (performance.now() - this.#began) / 1000, text });
  }

  end(): void {
    this.milliseconds = performance.now() - this.#began;
    this.window = { ...this.window, ended: (Date.now() + 1) * 1000 };
  }

  /** The last event, at the moment of {@link end}. What was heard of only later has happened before it. */
  close(text: string): void {
    const seconds = this.milliseconds / 1000;
    for (const event of this.events) event.seconds = Math.min(event.seconds, seconds);
    this.events.push({ kind: 'end', seconds, text });
  }
}
