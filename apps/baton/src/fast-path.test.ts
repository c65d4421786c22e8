import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { readFastCall } from './fast-path.ts';

const read = (line: string) => readFastCall(line.split(' '));
const NONE = { build: false, release: undefined, repository: undefined, locked: false, dryRun: false, force: false };

test('understands the common forms', () => {
  expect(read('image publish --build')).toEqual({
    command: 'publish',
    globals: { json: false, quiet: false, verbose: false, color: true, directory: undefined },
    path: resolve('.'),
    options: { ...NONE, build: true },
    bundle: true,
  });
  expect(
    read('-C apps --json image publish agent --repository r/x --release=1.2.0 --no-color --quiet --locked'),
  ).toMatchObject({
    command: 'publish',
    globals: { json: true, quiet: true, color: false },
    path: resolve('apps/agent'),
    options: { ...NONE, release: '1.2.0', repository: 'r/x', locked: true },
  });
  expect(read('image build apps/agent --no-bundle --release 1.2.0')).toMatchObject({
    command: 'build',
    path: resolve('apps/agent'),
    options: { ...NONE, release: '1.2.0' },
    bundle: false,
  });
});

test.each([
  'image build publish x',
  'image build --repository r/x',
  'image build --build',
  'image publish --no-bundle',
  'image publish --dry-run',
  'image build --dry-run',
  'image publish --force',
  'image publish --tag latest',
  'image publish --help',
  'image publish a b',
  'image publish --release',
  'image publish --C=x',
  'image export publish',
  'publish',
])('leaves "%s" to the full command', (line) => {
  expect(read(line)).toBeUndefined();
});
