/** What one step of the check found. */
export interface Outcome {
  /** What was looked at: '420 files'. A step that looked at nothing has found a problem. */
  summary: string;
  /** One line each, with file and what to do; none when all is well. */
  problems: string[];
}

/** One step of `npm run check`. */
export interface Step {
  name: string;
  /** @param fix repair what can be repaired, then judge */
  run(root: string, fix: boolean): Promise<Outcome>;
}

/** A step and how it went. */
export interface Report extends Outcome {
  name: string;
  /** Milliseconds. */
  took: number;
}

/** Runs one step; one that throws has found a problem. */
export async function runStep(step: Step, root: string, fix: boolean): Promise<Report> {
  const started = performance.now();
  const outcome = await step.run(root, fix).catch((error: unknown): Outcome => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { summary: 'could not run', problems: text.split('\n') };
  });
  return { name: step.name, ...outcome, took: performance.now() - started };
}

/** One line for the step, and under it what is wrong. */
export function renderReport({ name, summary, problems, took }: Report): string {
  const state = problems.length === 0 ? 'ok  ' : 'FAIL';
  const head = `${state} ${name.padEnd(12)} ${(took / 1000).toFixed(1).padStart(5)} s  ${summary}`;
  return [head, ...problems.map((line) => `       ${line}`)].join('\n');
}
