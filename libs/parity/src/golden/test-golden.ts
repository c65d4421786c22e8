import type { Observation, RunObservation } from '../model/observation.ts';
import type { Scenario } from '../model/scenario.ts';
import { plainScenario } from '../model/test-scenario.ts';

/** A scenario of one run with the usual tokens; for tests of this room. */
export function testScenario(id = 'stream/one', changes: Partial<Scenario> = {}): Scenario {
  return plainScenario({
    id,
    tokens: [{ use: 'iso-local' }, { use: 'log-stamp' }, { use: 'temp-name' }],
    ...changes,
  });
}

/** What a run of that scenario may have done. */
export function testRun(stdout: string | Buffer, stderr: string | Buffer = ''): RunObservation {
  return {
    end: { kind: 'exit', code: 0 },
    stdout: { kind: 'bytes', bytes: Buffer.from(stdout) },
    stderr: { kind: 'bytes', bytes: Buffer.from(stderr) },
    milliseconds: 12,
  };
}

/** An observation of some runs, and of files below the root mount. */
export function testObservation(
  runs: readonly RunObservation[],
  files: Readonly<Record<string, string | Buffer>> = {},
  scenario = 'stream/one',
): Observation {
  const rows = Object.entries(files).map(([path, text]) => ({
    path,
    type: 'file' as const,
    mode: '0644',
    contents: { kind: 'bytes' as const, bytes: Buffer.from(text) },
  }));
  return {
    scenario,
    tier: 'T2',
    runs,
    host: { rows, deleted: [] },
    container: { rows: [], deleted: [] },
    leftovers: [],
  };
}

/** What a log of the time `second` (two digits) may hold, its name, and the stream that shows it. */
export function logged(second: string, text = 'hello'): { name: string; log: string } {
  const stamp = `2026-05-02T21:51:${second}.456789`;
  return { name: `/var/log/a.sh-2026-05-02-2151${second}.log`, log: `[out]${stamp} ${text}\n[out]${stamp} ` };
}

/** An origin for tests. */
export const RECORDED = {
  kind: 'recorded',
  identity: { kind: 'process', name: 'old', digest: `sha256:${'0'.repeat(64)}`, facts: { python: '3.13.5' } },
} as const;
