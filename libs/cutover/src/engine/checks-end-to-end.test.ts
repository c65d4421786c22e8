import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { importSuite, statement, writeStatement } from '@baton/evidence';
import { BatonError, sha256 } from '@baton/kernel';
import { describe, expect, test } from 'vitest';
import type { CutoverPlan, Problem } from '../model/plan.ts';
import { applyCutover } from './apply-cutover.ts';
import { planCutover } from './plan-cutover.ts';
import { BEFORE, HEAD, PATHS, type Situation, situation, situationIn } from './test-cutover.ts';
import { verifyCutover } from './verify-cutover.ts';

const IMAGE = sha256('image');

function states(plan: CutoverPlan, key: 'requirements' | 'acceptance' | 'gates'): Record<string, string> {
  return Object.fromEntries(plan[key].map(({ id, state }) => [id, state]));
}

async function failure(promise: Promise<unknown>): Promise<BatonError> {
  const error = await promise.then(
    () => new Error('no error'),
    (thrown: unknown) => thrown,
  );
  if (error instanceof BatonError) return error;
  throw error;
}

async function nothingWritten({ store }: Situation): Promise<void> {
  expect([...(await store.listRefs()).keys()]).toEqual(['refs/heads/main']);
}

const run = (script: string, more = ''): string =>
  `  - run: { cmd: [sh, -c, ${JSON.stringify(script)}], outputs: [pump/GEN.md, pump/gen/**]${more} }\n`;

describe('generators', () => {
  test('see the result, and what they make is part of the commit, whatever became of it', async () => {
    const script = 'mkdir -p pump/gen && ls pump > pump/GEN.md && cp README.md pump/gen/x && rm -f pump/gen/old';
    const files = { ...BEFORE, 'pump/gen/old': 'gone\n', 'pump/GEN.md': 'stale\n' };
    const one = await situation(`${HEAD}${PATHS}generate:\n${run(script)}`, files);
    const plan = await one.plan();
    expect(plan.generated.map(({ path, before, after }) => [path, before !== undefined, after !== undefined])).toEqual(
      expect.arrayContaining([
        ['pump/GEN.md', true, true],
        ['pump/gen/x', false, true],
        ['pump/gen/old', true, false],
      ]),
    );
    expect(plan.accounting).toMatchObject({ input: 17, deleted: 4, replaced: 2, created: 1, unexplained: [] });
    const { commit } = await applyCutover(plan, one);
    expect(await one.repository.git('show', `${commit}:pump/gen/x`)).toBe('See pump/README.md.');
    expect(await one.repository.git('show', `${commit}:pump/GEN.md`)).toContain('go.mod');
    expect(await verifyCutover({ ...one, commit })).toMatchObject({ state: 'identical' });
    await one.store.close();
  }, 60_000);

  test.each([
    ['ends with an error', 'echo "no such tool" >&2; exit 3', 'no such tool'],
    ['changes more than it declares', 'echo x > README.md; echo > pump/GEN.md', 'README.md'],
    ['makes other bytes the second time', 'date +%s%N > pump/GEN.md', 'pump/GEN.md'],
    ['makes nothing of what it declares', 'true', 'pump/GEN.md'],
  ])(
    'one that %s is refused',
    async (_, script, word) => {
      const one = await situation(`${HEAD}${PATHS}generate:\n${run(`mkdir pump/gen; echo > pump/gen/x; ${script}`)}`);
      const error = await failure(one.plan());
      expect(error.code).toBe('GENERATOR_FAILED');
      expect(`${error.message} ${error.hint}`).toContain(word);
      await nothingWritten(one);
      await one.store.close();
    },
    60_000,
  );

  test('two that make one file are refused', async () => {
    const both = 'mkdir pump/gen; echo 1 | tee pump/GEN.md > pump/gen/x';
    const one = await situation(`${HEAD}${PATHS}generate:\n${run(both)}${run(both)}`);
    const error = await failure(one.plan());
    expect(error.code).toBe('GENERATOR_FAILED');
    expect(error.message).toContain('generate[0] run makes as well');
    await one.store.close();
  }, 60_000);
});

const ACCEPT = `accept:
  - { id: gone, absent: [pump/old/**, pump/next/**] }
  - { id: blobs-gone, absent: pump/vendor, blobs: true }
  - { id: there, exists: pump/go.mod }
  - { id: text, contains: { path: README.md, text: pump/README.md } }
  - { id: same, same-blob: { from: pump/next/go.mod, to: pump/go.mod } }
  - { id: runs, cmd: { run: [test, -f, pump/go.mod] } }
  - { id: make, parity: { kind: makefile, old: pump/next/Makefile, new: pump/Makefile } }
`;
const SCANS = `scan:
  - forbid: { id: words, pattern: [python], in: ["pump/**"] }
  - links: {}
  - dead-paths: {}
`;

describe('acceptance and scans', () => {
  test('all that pass', async () => {
    const files = { ...BEFORE, 'README.md': 'See pump/next/README.md and pump/old.\n' };
    const one = await situation(HEAD + PATHS + SCANS + ACCEPT, files);
    const plan = await one.plan();
    expect(states(plan, 'acceptance')).toEqual({
      gone: 'passed',
      'blobs-gone': 'passed',
      there: 'passed',
      text: 'passed',
      same: 'passed',
      runs: 'passed',
      make: 'passed',
    });
    expect(plan.scans.map(({ kind, state }) => `${kind} ${state}`)).toEqual([
      'forbid passed',
      'links passed',
      'dead-paths passed',
    ]);
    expect((await applyCutover(plan, one)).state).toBe('applied');
    await one.store.close();
  }, 60_000);

  test('all that fail are listed at once, and nothing is written', async () => {
    const failing = `accept:
  - { id: gone, absent: pump/go.mod }
  - { id: there, exists: pump/old/main.py }
  - { id: text, contains: { path: README.md, text: absent } }
  - { id: same, same-blob: { from: pump/Makefile, to: pump/Makefile } }
  - { id: runs, cmd: { run: ["false"] } }
  - { id: make, parity: { kind: makefile, old: pump/Makefile, new: pump/Makefile } }
scan:
  - forbid: { id: words, pattern: package, in: pump/** }
  - forbid: { id: unused, pattern: nothing-has-this, except: [{ path: README.md, line: never, reason: r }] }
`;
    const called = 'build:\n\tmake -C pump/next build\n\tmake -C pump old\n';
    const one = await situation(HEAD + PATHS + failing, { ...BEFORE, Makefile: called });
    const plan = await one.plan();
    const error = await failure(applyCutover(plan, one));
    expect(error).toMatchObject({ code: 'CUTOVER_REJECTED', exitCode: 1 });
    expect((error.details.failed as string[]).map((line) => line.split(':')[0])).toEqual([
      'gone',
      'there',
      'text',
      'same',
      'runs',
      'make',
      'words',
      'unused',
    ]);
    await nothingWritten(one);
    await one.store.close();
  }, 60_000);

  test('a program that is not there is pending, and pending does not stop a commit', async () => {
    const accept = 'accept:\n  - { id: runs, cmd: { run: [no-such-program], needs: [no-such-program] } }\n';
    const one = await situation(HEAD + PATHS + accept);
    const plan = await one.plan();
    expect(states(plan, 'acceptance')).toEqual({ runs: 'pending' });
    expect((await applyCutover(plan, one)).state).toBe('applied');
    await one.store.close();
  }, 60_000);
});

describe('requirements', () => {
  const requires = (base: string): string =>
    `requires: { branch: main, clean: true, ancestors: ["${base}"], checks: [ci-gate, lint] }\n`;

  test('are asked of the repository and of the forge; what cannot be asked is pending', async () => {
    const bare = await situation();
    const base = await bare.repository.git('rev-parse', 'HEAD');
    const one = await situationIn(bare.repository, HEAD + requires(base) + PATHS);
    const input = { store: one.store, cutover: one.cutover, base: 'HEAD' };
    const id = `ancestor ${base.slice(0, 12)}`;
    const options = { checkout: one.repository.dir };
    const asked = { branch: 'passed', clean: 'passed', [id]: 'passed' };
    const alone = await planCutover(input, {}, options);
    expect(states(alone, 'requirements')).toEqual({ ...asked, 'check ci-gate': 'pending', 'check lint': 'pending' });
    const forge = {
      checks: async () => [
        { name: 'ci-gate', state: 'SUCCESS' },
        { name: 'lint', state: 'failure' },
      ],
    };
    await writeFile(join(one.repository.dir, 'README.md'), 'changed');
    const plan = await planCutover(input, { forge }, options);
    expect(states(plan, 'requirements')).toEqual({
      ...asked,
      clean: 'failed',
      'check ci-gate': 'passed',
      'check lint': 'failed',
    });
    expect(plan.commit.id).toBe(alone.commit.id);
    const error = await failure(applyCutover(plan, one));
    expect(error.details.failed).toEqual([
      'clean: expected no changes, found README.md',
      'check lint: expected success, found failure',
    ]);
    await nothingWritten(one);
    await Promise.all([bare.store.close(), one.store.close()]);
  }, 60_000);

  test('of another branch fail', async () => {
    const one = await situation(`${HEAD}requires: { branch: stable }\n${PATHS}`);
    expect(states(await one.plan(), 'requirements')).toEqual({ branch: 'failed' });
    await one.store.close();
  });
});

describe('gates', () => {
  const gates = `gates:
  - { id: equal, evidence: parity, image: "${IMAGE}" }
  - { id: suite, evidence: imported, name: kuttl, from: [proofs] }
`;

  test('are pending without a statement, passed by the one that they ask for, failed by another', async () => {
    const one = await situation(HEAD + PATHS + gates);
    expect(states(await one.plan(), 'gates')).toEqual({ equal: 'pending', suite: 'pending' });
    const dir = join(one.cutover.dir ?? '', 'dist/evidence');
    await mkdir(dir, { recursive: true });
    const write = async (name: string, digest: string): Promise<void> =>
      void (await writeStatement(
        join(dir, name),
        statement('parity', {
          subject: [{ name: 'pump', digest: { sha256: digest.slice('sha256:'.length) } }],
          tool: { name: 'baton', version: '0.1.0' },
          materials: [],
          result: 'equal',
          checks: [],
        }),
      ));
    await write('parity.json', `sha256:${'0'.repeat(64)}`);
    expect(states(await one.plan(), 'gates').equal).toBe('failed');
    await write('parity-2.json', IMAGE);
    const plan = await one.plan();
    expect(states(plan, 'gates')).toEqual({ equal: 'passed', suite: 'pending' });
    const suite = async (cases: string): Promise<string | undefined> => {
      const junit = Buffer.from(`<testsuite>${cases}</testsuite>`);
      const made = importSuite({ kind: 'kuttl', subject: 'pump', digest: IMAGE, junit, where: 'results.xml' });
      await writeStatement(join(one.cutover.dir ?? '', 'proofs/imported-kuttl.json'), made.statement);
      return states(await one.plan(), 'gates').suite;
    };
    expect(await suite('')).toBe('failed');
    expect(await suite('<testcase name="a"><failure/></testcase>')).toBe('failed');
    expect(await suite('<testcase name="a"/>')).toBe('passed');
    expect((await applyCutover(plan, one)).state).toBe('applied');
    await one.store.close();
  }, 60_000);
});

test('a plan that is refused names every operation of every kind', async () => {
  const one = await situation(
    `${HEAD}paths:
  - delete: { glob: nowhere }
  - move: { from: pump/next, to: pump/old }
edits:
  - lines: { in: Makefile, match: absent, delete: true }
  - yaml.list: { in: Makefile, at: a, add: [{ value: 1 }] }
  - patch: { in: README.md, diff: "@@ -1 +1 @@\\n-See\\n+Saw\\n" }
`,
  );
  const problems = (await failure(one.plan())).details.problems as Problem[];
  expect(problems.map(({ operation }) => operation).sort()).toEqual([
    'edits[0] lines',
    'edits[1] yaml.list',
    'edits[2] patch',
    'paths[0] delete',
    'paths[1] move',
  ]);
  await one.store.close();
});
