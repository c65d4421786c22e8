import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { missingNeed, temporaryDirectory } from '@baton/testkit';
import { expect, test } from 'vitest';
import type { Criterion } from '../model/manifest.ts';
import type { CriterionResult } from '../model/plan.ts';
import { type TestCutover, testContext } from '../scan/test-context.ts';
import { runAcceptance } from './run-acceptance.ts';

type Bare = Criterion extends infer One ? (One extends Criterion ? Omit<One, 'id'> : never) : never;

async function judge(cutover: TestCutover, ...criteria: Bare[]): Promise<CriterionResult[]> {
  const named = criteria.map((criterion, index) => ({ id: `c${index}`, ...criterion }) as Criterion);
  return await runAcceptance(await testContext(cutover), named);
}

const states = (results: readonly CriterionResult[]): string[] => results.map(({ state }) => state);

const files: TestCutover = {
  before: {
    'agent/vendor/old.py': 'old',
    'agent/vendor/__init__.py': '',
    'agent/vendor/LICENSE': 'licence',
    'agent/go/vendor/modules.txt': 'new',
    LICENSE: 'licence',
  },
  after: {
    'agent/vendor/modules.txt': 'new',
    'agent/empty': '',
    'agent/vendor/LICENSE': 'licence',
    LICENSE: 'licence',
    'docs/a b.md': 'Übergabe 7.0\n',
  },
  moves: { 'agent/go/vendor/modules.txt': 'agent/vendor/modules.txt' },
};

test('paths, globs and texts of the result tree', async () => {
  const results = await judge(
    files,
    { exists: ['LICENSE', 'agent/vendor', 'docs/*.md'] },
    { exists: ['LICENSE', 'nowhere', 'docs/*.txt'] },
    { absent: ['agent/go', 'agent/**/*.py'] },
    { absent: 'agent/vendor/' },
    { contains: { path: 'docs/a b.md', text: 'Übergabe' } },
    { contains: { path: 'docs/a b.md', text: 'Übergabe [0-9]+\\.', regex: true } },
    { contains: { path: 'docs/a b.md', text: 'Übergabe', not: true } },
    { contains: { path: 'nowhere', text: 'x', not: true } },
    { contains: { path: 'LICENSE', text: '(', regex: true } },
  );
  expect(states(results)).toEqual([
    'passed',
    'failed',
    'passed',
    'failed',
    'passed',
    'passed',
    'failed',
    'failed',
    'failed',
  ]);
  expect(results[1]?.detail).toBe('expected nowhere, docs/*.txt in the result tree, found nothing there');
  expect(results[8]?.detail).toContain('cannot be read');
});

test('a path that is used again is judged by the old files, not by its name', async () => {
  const criterion = { absent: 'agent/vendor', blobs: true };
  expect(states(await judge(files, criterion))).toEqual(['passed']);
  const left = { ...files, after: { ...files.after, 'elsewhere/x.py': 'old' } };
  expect(await judge(left, criterion)).toMatchObject([
    { state: 'failed', lines: ['elsewhere/x.py (was agent/vendor/old.py)'] },
  ]);
  // A path that never was there proves nothing.
  expect(states(await judge(files, { absent: 'agent/vendro', blobs: true }))).toEqual(['failed']);
});

test('the same bytes and modes, of files and directories', async () => {
  const results = await judge(
    files,
    { 'same-blob': { from: 'agent/go/vendor/modules.txt', to: 'agent/vendor/modules.txt' } },
    { 'same-blob': { from: 'agent/go/vendor', to: 'agent/vendor' } },
    { 'same-blob': { from: 'LICENSE', to: 'agent/vendor/modules.txt' } },
  );
  expect(states(results)).toEqual(['passed', 'failed', 'failed']);
  expect(results[1]?.lines).toEqual(['LICENSE']);
});

test('a command runs in a copy of the result tree, with an environment of its own', async () => {
  process.env.CUTOVER_SECRET = 'yes';
  const script =
    'test -z "$CUTOVER_SECRET" && test ! -e .git && cat "docs/a b.md" planned.txt && pwd && touch made && test "$HOME" != / && ls -A $HOME';
  const [result] = await judge(
    { ...files, planned: { 'planned.txt': 'only planned\n' } },
    { cmd: { run: ['sh', '-c', script] } },
  );
  delete process.env.CUTOVER_SECRET;
  expect(result).toMatchObject({ state: 'passed', detail: expect.stringMatching(/^exit code 0/) });
  const [first, second, place = ''] = result?.lines ?? [];
  expect([first, second]).toEqual(['Übergabe 7.0', 'only planned']);
  expect(existsSync(place)).toBe(false);
});

test('a command that fails says how, one that lacks a program it needs is pending', async () => {
  const results = await judge(
    files,
    { cmd: { run: ['sh', '-c', 'echo first; echo "wrong: 7" >&2; exit 3'] } },
    { cmd: { run: ['no-such-program-here'] } },
    { cmd: { run: ['no-such-program-here'], needs: ['sh', 'no-such-program-here'] } },
    { cmd: { run: ['true'], cwd: 'agent/go' } },
    { cmd: { run: ['sh', '-c', 'cat modules.txt'], cwd: 'agent/vendor' } },
  );
  expect(states(results)).toEqual(['failed', 'failed', 'pending', 'failed', 'passed']);
  expect(results[0]?.detail).toMatch(/^exit code 3: wrong: 7/);
  expect(results[1]?.detail).toMatch(/^no program "no-such-program-here" on the PATH/);
  expect(results[2]?.detail).toContain('which is not on the PATH here');
});

test('at its time limit a command ends with all that it started', async () => {
  const mark = join(temporaryDirectory('late'), 'mark');
  const script = `(sleep 3; touch ${mark}) & sleep 30`;
  const [result] = await judge(files, { cmd: { run: ['sh', '-c', script], timeout: 1 } });
  expect(result).toMatchObject({ state: 'failed', detail: expect.stringMatching(/^did not end within 1 s/) });
  await new Promise((resolve) => setTimeout(resolve, 3000));
  expect(existsSync(mark)).toBe(false);
});

test('a command has no network unless it is given one', async () => {
  const devices = 'cat /proc/net/dev | tail -n +3 | cut -d: -f1 | tr -d " \\n"';
  const [closed, open] = await judge(
    files,
    { cmd: { run: ['sh', '-c', devices] } },
    { cmd: { run: ['sh', '-c', devices], network: 'host' } },
  );
  expect(open?.detail).toBe('exit code 0');
  if (missingNeed('userns') !== undefined && process.getuid?.() !== 0) {
    expect(closed?.detail).toContain('the network was not cut off');
  } else expect(closed?.lines).toEqual(['lo']);
});

test('an interrupt ends the work', async () => {
  const context = await testContext(files);
  const controller = new AbortController();
  const run = runAcceptance({ ...context, signal: controller.signal }, [{ id: 'a', cmd: { run: ['sleep', '60'] } }]);
  setTimeout(() => controller.abort(), 300);
  await expect(run).rejects.toMatchObject({ code: 'INTERRUPTED' });
});
