import { isRequired, needs } from '@baton/testkit';
import { describe, test } from 'vitest';

/**
 * Declares a group of tests that take a minute and need the package registry: they run with `npm run prove`
 * (`BATON_PROVE=1`), and wherever `BATON_REQUIRE` names what they need, as CI does. Elsewhere they are skipped by name.
 */
export function longTests(name: string, need: Parameters<typeof needs>, body: () => void): void {
  if (process.env.BATON_PROVE === '1' || need.some((one) => isRequired(one))) {
    needs(...need).describe(name, body);
  } else {
    describe(name, () => {
      test.skip('takes a minute: BATON_PROVE=1 runs it', () => undefined);
    });
  }
}
