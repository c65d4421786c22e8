import { expect, test } from 'vitest';
import { chooseMode } from './choose-mode.ts';

test.each([
  [{ isTty: true }, 'terminal'],
  [{}, 'plain'],
  [{ isTty: true, ci: true }, 'plain'],
  [{ isTty: true, noColor: true }, 'plain'],
  [{ isTty: true, quiet: true }, 'quiet'],
  [{ isTty: true, quiet: true, json: true }, 'json'],
] as const)('%j is drawn as %s', (facts, mode) => {
  expect(chooseMode(facts)).toBe(mode);
});
