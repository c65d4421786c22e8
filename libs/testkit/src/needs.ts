import type { SuiteFactory, TestFunction } from 'vitest';
import { missingNeed, type Need } from './need-checks.ts';

/** Declares tests that run only where what they need is present. */
export interface NeedingTest {
  /** Like vitest's `test`: runs, is skipped with the reason in its title, or fails because the need is required. */
  (name: string, run: TestFunction, timeout?: number): void;
  /** Like vitest's `describe`, hooks included: they do not run when the need is missing. */
  describe(name: string, body: SuiteFactory): void;
  /** Why these tests cannot run here; undefined where they can. */
  readonly reason: string | undefined;
}

// Tests load vitest; the demo and the benchmarks import this room as well and must not pay for it.
const vitest = process.env.VITEST === undefined ? undefined : await import('vitest');

/**
 * A `test` for work that needs something of the machine: `const test = needs('docker-registry')`.
 *
 * Where it is missing, each test is skipped and its title says why. Where `BATON_REQUIRE` (names joined by commas, or
 * `all`) lists the missing need, each test fails instead: CI names every need, so that nothing is skipped there unseen.
 */
export function needs(...names: [Need, ...Need[]]): NeedingTest {
  if (vitest === undefined) throw new Error('needs() works in vitest only');
  const { test, describe } = vitest;
  const missing = names
    .map((name) => ({ name, why: missingNeed(name) }))
    .filter((entry): entry is { name: Need; why: string } => entry.why !== undefined);
  if (missing.length === 0) {
    return Object.assign((name: string, run: TestFunction, timeout?: number) => test(name, run, timeout), {
      describe: (name: string, body: SuiteFactory) => void describe(name, body),
      reason: undefined,
    });
  }
  const reason = missing.map(({ name, why }) => `needs ${name}: ${why}`).join('; ');
  if (missing.some(({ name }) => isRequired(name))) {
    const fail = (): never => {
      throw new Error(`${reason} (BATON_REQUIRE asks for it)`);
    };
    return Object.assign((name: string) => test(name, fail), {
      describe: (name: string) => void describe(name, () => test('has what it needs', fail)),
      reason,
    });
  }
  return Object.assign((name: string) => test.skip(`${name} (${reason})`, () => undefined), {
    describe: (name: string) => void describe(name, () => test.skip(reason, () => undefined)),
    reason,
  });
}

/** Whether `BATON_REQUIRE` makes a missing need an error. */
export function isRequired(name: Need, env: NodeJS.ProcessEnv = process.env): boolean {
  const required = (env.BATON_REQUIRE ?? '').split(',').map((part) => part.trim());
  return required.includes(name) || required.includes('all');
}
