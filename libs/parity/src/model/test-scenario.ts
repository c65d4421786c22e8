import type { Scenario } from './scenario.ts';

/** A scenario of one run and nothing else, for tests. */
export function plainScenario(changes: Partial<Scenario> = {}): Scenario {
  return {
    id: 'test/one',
    why: 'a test needs it',
    tags: [],
    env: [],
    cwd: '/',
    umask: '0022',
    root: { mount: '/t/root', base: 'none', remove: [] },
    host: [],
    container: [],
    feeders: [],
    runs: [{ argv: [], env: [], before: [], actions: [] }],
    clock: { kind: 'real' },
    streams: 'apart',
    observe: { host: true, container: true, modes: true, leftovers: 'none' },
    tokens: [],
    crash: 'strict',
    diverge: [],
    timing: 'shared',
    timeout: 20,
    expectSilent: false,
    ...changes,
  };
}
