/** Milliseconds by phase so far. */
export interface PhaseTimer {
  phases: Record<string, number>;
  /** Ends the phase that began with the one before, or with the timer. */
  end(phase: string): void;
}

/** Measures how long the phases of a run took, in whole milliseconds; for people, never for a statement. */
export function phaseTimer(): PhaseTimer {
  const phases: Record<string, number> = {};
  let last = performance.now();
  return {
    phases,
    end(phase) {
      const now = performance.now();
      phases[phase] = Math.round(now - last);
      last = now;
    },
  };
}
