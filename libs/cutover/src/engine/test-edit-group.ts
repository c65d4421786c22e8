import type { BatonError } from '@baton/kernel';
import { describe, expect, test } from 'vitest';
import type { CutoverPlan, Problem } from '../model/plan.ts';
import { applyCutover } from './apply-cutover.ts';
import { revertCutover } from './revert-cutover.ts';
import { type Situation, situation, situationIn } from './test-cutover.ts';
import { verifyCutover } from './verify-cutover.ts';

/** One edit operation with everything that may become of it. Bodies are those of the manifest, without `in`. */
export interface EditCase {
  kind: string;
  /** The file that it is about; each case has its own. */
  file: string;
  before: string;
  edit: Record<string, unknown>;
  after: string;
  /** Finds nothing in `before`. */
  none?: Record<string, unknown>;
  /** Finds more than it should, with the code that tells so. */
  many?: { edit: Record<string, unknown>; code: string; line?: number };
  /** Finds everything as it wants it: a misspelled name. */
  idle?: Record<string, unknown>;
  /** Cuts where `edit` cuts; `edit` itself when left out. */
  second?: Record<string, unknown>;
  /** What is said of two that cut at one place, if not `EDIT_OVERLAP`. */
  clash?: string;
}

/** Files and operations that all cases of a group share. */
export interface EditGroup {
  cases: readonly EditCase[];
  /** Further files of the repository. */
  files?: Record<string, string>;
  /** Files beside the manifest. */
  beside?: Record<string, string>;
  /** Path operations of the plans in which edits cut. */
  paths?: readonly object[];
}

type Edits = readonly Record<string, object>[];

/** Tests of a group: each is one plan of all its cases, so that every problem must be found at once. */
export function testEditGroup({ cases, files = {}, beside = {}, paths = [] }: EditGroup): void {
  let made: Promise<Situation> | undefined;
  const before = Object.fromEntries(cases.map((one) => [one.file, one.before]));
  const shared = async (): Promise<Situation> => {
    made ??= situation(manifest([]), {
      ...before,
      ...files,
      'odd/binary': Buffer.from('a\0b'),
      'odd/latin': Buffer.from([0x61, 0xe9, 0x0a]),
      'odd/file': 'x\n',
    }).then(async (one) => {
      await one.repository.git('config', 'core.symlinks', 'true');
      const id = await hashed(one, 'file');
      await one.repository.git('update-index', '--add', '--cacheinfo', `120000,${id},odd/link`);
      await one.repository.git('commit', '--quiet', '--message', 'a link');
      await one.repository.git('checkout', '--quiet', '--force');
      return one;
    });
    return await made;
  };
  const manifest = (edits: Edits, moves: readonly object[] = []): string =>
    JSON.stringify({
      version: 1,
      name: 'group',
      commit: { author: { name: 'Zoë', email: 'z@example.com' }, subject: 's' },
      paths: moves,
      edits,
    });
  const withEdits = async (edits: Edits, moves?: readonly object[]): Promise<Situation> =>
    await situationIn((await shared()).repository, manifest(edits, moves), beside);
  const problemsOf = async (edits: Edits, moves?: readonly object[]): Promise<readonly Problem[]> => {
    const one = await withEdits(edits, moves);
    const error = await one.plan().then(
      () => undefined,
      (thrown: BatonError) => thrown,
    );
    await one.store.close();
    expect(error?.code, String(error)).toBe('CUTOVER_REFUSED');
    return error?.details.problems as Problem[];
  };
  const operations = (pick: (one: EditCase) => Record<string, unknown> | undefined, more: object = {}): Edits =>
    cases.flatMap((one) => {
      const body = pick(one);
      return body === undefined ? [] : [{ [one.kind]: { in: one.file, ...body, ...more } }];
    });
  const words = (problems: readonly Problem[]): string[] =>
    problems
      .map(({ code, operation, path }) => `${code} ${operation?.replace(/edits\[[0-9]+\] /g, '')} ${path}`)
      .sort();
  const having = (key: 'none' | 'many' | 'idle'): readonly EditCase[] => cases.filter((one) => one[key] !== undefined);

  describe('a group of edits', () => {
    test('gives the right bytes, one commit, which verifies and reverts', async () => {
      const one = await withEdits(
        operations(({ edit }) => edit),
        paths,
      );
      const plan = await one.plan();
      expect(plan.edits.map(({ path }) => path).sort()).toEqual(cases.map(({ file }) => file).sort());
      const { commit, tree } = await applyCutover(plan, one);
      for (const { file, after, kind } of cases) {
        expect((await one.store.readBlob(await idAt(one, commit, file))).toString(), kind).toBe(after);
      }
      expect(await verifyCutover({ ...one, commit })).toMatchObject({ state: 'identical', tree: { found: tree } });
      expect((await revertCutover({ ...one, commit, dryRun: true })).tree).toBe(plan.base.tree);
      expect((await one.plan(commit)).alreadyDone).toEqual({ commit, why: 'trailer' });
      await one.repository.git('update-ref', '-d', 'refs/heads/cutover/group');
      await one.store.close();
    });

    test('of which none finds anything is refused, each operation by name', async () => {
      const found = await problemsOf(operations(({ none }) => none));
      expect(words(found)).toEqual(
        having('none')
          .map(({ kind, file }) => `EDIT_NO_MATCH ${kind} ${file}`)
          .sort(),
      );
      for (const { message } of found) expect(message).toMatch(/\S/);
    });

    test('of which none finds anything, all optional, changes nothing', async () => {
      const one = await withEdits(operations(({ none }) => none, { optional: true }));
      const plan = await one.plan();
      expect(plan.alreadyDone?.why).toBe('tree');
      expect([plan.edits, plan.objects]).toEqual([[], []]);
      await one.store.close();
    });

    test('that fits more than it should is refused', async () => {
      const found = await problemsOf(operations(({ many }) => many?.edit));
      expect(words(found)).toEqual(
        having('many')
          .map(({ kind, file, many }) => `${many?.code} ${kind} ${file}`)
          .sort(),
      );
      for (const { file, many } of having('many')) {
        if (many?.line !== undefined) expect(found.find(({ path }) => path === file)?.line, file).toBe(many.line);
      }
    });

    test('that finds all as it wants it is a mistake when something else is left to do', async () => {
      const busy = { replace: { in: 'odd/file', find: 'x', with: 'y' } };
      const idle = operations((one) => one.idle);
      const found = await problemsOf([...idle, busy]);
      expect(words(found)).toEqual(
        having('idle')
          .map(({ kind, file }) => `EDIT_NO_MATCH ${kind} ${file}`)
          .sort(),
      );
      const alone = await withEdits(idle);
      expect((await alone.plan()).alreadyDone?.why).toBe('tree');
      const optional = await withEdits([...operations((one) => one.idle, { optional: true }), busy]);
      expect((await optional.plan()).edits.map(({ path }) => path)).toEqual(['odd/file']);
      await Promise.all([alone.store.close(), optional.store.close()]);
    });

    test('twice at one place is an overlap', async () => {
      const both = [...operations(({ edit }) => edit), ...operations(({ edit, second }) => second ?? edit)];
      const found = await problemsOf(both, paths);
      expect(words(found)).toEqual(
        cases
          .map(({ kind, file, clash }) =>
            clash === undefined ? `EDIT_OVERLAP ${kind} and ${kind} ${file}` : `${clash} ${file}`,
          )
          .sort(),
      );
    });

    test('of files that are absent, binary, links is refused', async () => {
      const found = new Map<string, string[]>();
      for (const path of ['odd/none', 'odd/link', 'odd/binary', 'odd/latin']) {
        const kinds = cases.filter(({ kind }) => !['repath', 'merge', 'replace-file'].includes(kind));
        const edits = kinds.map(({ kind, edit }) => ({ [kind]: { ...edit, in: path } }));
        // Those that cannot see one another's file do not overlap: one manifest for each.
        const problems = await problemsOf(edits);
        found.set(path, [...new Set(problems.map(({ code }) => code))]);
        const makes = kinds.filter(({ kind }) => path === 'odd/none' && kind === 'notes');
        expect(problems.length, path).toBe(kinds.length - makes.length);
      }
      expect(Object.fromEntries(found)).toEqual({
        'odd/none': ['EDIT_NO_MATCH'],
        'odd/link': ['EDIT_REFUSED'],
        'odd/binary': ['EDIT_REFUSED'],
        'odd/latin': ['EDIT_REFUSED'],
      });
    });
  });
}

async function hashed({ repository }: Situation, text: string): Promise<string> {
  await repository.write({ 'odd/.target': text });
  const id = await repository.git('hash-object', '-w', '--', 'odd/.target');
  return id;
}

async function idAt({ repository }: Situation, commit: string, path: string): Promise<string> {
  return await repository.git('rev-parse', `${commit}:${path}`);
}

/** The bytes that a plan has for a path. */
export function plannedText(plan: CutoverPlan, path: string): string | undefined {
  const id = plan.edits.find((edit) => edit.path === path)?.after;
  const object = plan.objects.find((one) => one.id === id);
  return object === undefined ? undefined : Buffer.from(object.bytes).toString();
}
