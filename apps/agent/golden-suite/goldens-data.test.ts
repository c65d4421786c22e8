import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readRecording } from './recording.ts';
import { GOLDENS, readScenario, scenarioNames } from './scenario.ts';

test('there are 174 recordings, each read to its last key', () => {
  expect(scenarioNames()).toHaveLength(174);
  for (const name of scenarioNames()) {
    expect(readdirSync(join(GOLDENS, name)).sort()).toEqual(['expected.json', 'scenario.json']);
    const { name: recorded, runs } = readRecording(name);
    expect([recorded, runs.length]).toEqual([name, readScenario(name).runs.length]);
  }
});

test('the index lists them as they are', () => {
  const rows = scenarioNames().map((name) => {
    const { title, tags } = readScenario(name);
    const exits = readRecording(name).runs.map(({ exit_code }) => exit_code);
    return `| \`${name}\` | ${title} | ${exits.join(', ')} | ${tags.join(',')} |`;
  });
  const index = readFileSync(join(GOLDENS, 'INDEX.md'), 'utf8');
  expect(index.split('\n').filter((line) => line.startsWith('| `'))).toEqual(rows);
});

test('the page about them names nothing that the suite does not have', () => {
  const page = readFileSync(join(GOLDENS, 'README.md'), 'utf8');
  const named = [...page.matchAll(/\(\.\.\/golden-suite\/([^)]+)\)/g)].map(([, file]) => file);
  expect(new Set(named)).toEqual(
    new Set(['goldens.test.ts', 'stamps.ts', 'stamp-groups.ts', 'latitude.ts', 'candidate.ts']),
  );
});
