import { BatonError } from '@baton/kernel';
import { describe, expect, test } from 'vitest';
import type { LayoutHints, Proposal } from './proposal.ts';
import { proposeCutover } from './propose-cutover.ts';
import { treeInput } from './test-layouts.ts';
import { writeProposal } from './write-proposal.ts';

type Files = Record<string, string | Buffer>;

const propose = async (files: Files, hints: LayoutHints = {}): Promise<Proposal> =>
  await proposeCutover({
    ...treeInput(
      new Map(
        Object.entries(files).map(([path, text]) => [path, { bytes: Buffer.from(text), mode: '100644' as const }]),
      ),
    ),
    hints,
  });
const refusal = async (files: Files, hints: LayoutHints = {}) => {
  const error = await propose(files, hints).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof BatonError)) throw new Error('expected an error of ours', { cause: error });
  return { code: error.code, message: error.message, hint: error.hint ?? '' };
};

const agent = (component: string, nested: string): Files => ({
  [`${component}/pyproject.toml`]: '[project]\n',
  [`${component}/src/main.py`]: 'import os\n',
  [`${component}/README.md`]: '# It\n\nWritten in Python.\n',
  [`${nested}/go.mod`]: 'module example.com/x\n',
  [`${nested}/main.go`]: 'package main\n',
  [`${nested}/README.md`]: `See [the rules](${'../'.repeat(nested.split('/').length)}RULES.md).\n`,
  'RULES.md': 'rules\n',
});

describe('init on a repository of another shape', () => {
  test.each([
    ['nothing at all', {}, 'CUTOVER_NOT_FOUND', 'the commit has no files', '--base'],
    ['one language', { 'agent/main.py': 'x\n' }, 'CUTOVER_NOT_FOUND', 'no module of one language', '--nested'],
    [
      'both in one directory',
      { 'agent/pyproject.toml': '', 'agent/a.py': '', 'agent/go.mod': '', 'agent/main.go': '' },
      'CUTOVER_NOT_FOUND',
      'agent has modules of two languages side by side',
      'delete',
    ],
    [
      'the old one in the root',
      { 'pyproject.toml': '', 'a.py': '', 'go/go.mod': '', 'go/main.go': '' },
      'CUTOVER_NOT_FOUND',
      'go is a module beside the root itself',
      'flatten: {dir: go, into: .}',
    ],
    [
      'only somebody else is vendored',
      { 'agent/pyproject.toml': '', 'agent/a.py': '', 'agent/vendor/x/go.mod': '' },
      'CUTOVER_NOT_FOUND',
      'no module of one language',
      '--old',
    ],
  ] as const)('%s is an error that says so', async (_, files, code, message, hint) => {
    const found = await refusal(files);
    expect(found.code).toBe(code);
    expect(found.message).toContain(message);
    expect(found.hint).toContain(hint);
  });

  test('two of them: an error that lists both, and each can be chosen', async () => {
    const files = { ...agent('agent', 'agent/go'), ...agent('probe', 'probe/go') };
    const { code, hint } = await refusal(files);
    expect(code).toBe('USAGE');
    expect(hint).toContain('--nested agent/go   (Go, beside Python in agent)');
    expect(hint).toContain('--nested probe/go   (Go, beside Python in probe)');
    const { layout, manifest } = await propose(files, { nested: 'probe/go' });
    expect(layout).toMatchObject({ component: 'probe', nested: 'probe/go' });
    expect(JSON.stringify(manifest.paths)).not.toContain('agent');
  });

  test('a module inside of the new one is a part of it', async () => {
    const files = { ...agent('agent', 'agent/go'), 'agent/go/tools/go.mod': '', 'agent/go/tools/gen.py': 'x\n' };
    expect((await propose(files)).layout.nested).toBe('agent/go');
  });

  test.each([
    [{ nested: 'agent/gone' }, '--nested agent/gone: the commit has no such directory'],
    [{ component: 'gone' }, '--component gone: the commit has no such directory'],
    [{ old: ['agent/src', 'agent/gone'] }, '--old agent/gone: the commit has no such file or directory'],
    [{ nested: 'agent/go', component: 'agent/src' }, '--nested agent/go is not below --component agent/src'],
  ] as const)('a hint that names nothing is an error: %j', async (hints, message) => {
    const found = await refusal(agent('agent', 'agent/go'), hints);
    expect([found.code, found.message]).toEqual(['USAGE', message]);
  });

  test('names with blanks and signs move like any other', async () => {
    const files = {
      ...agent('the agent [x]', 'the agent [x]/new {go}'),
      'docs/a.md': '[new](<../the agent [x]/new {go}/README.md>)\n',
    };
    const { layout, manifest, places } = await propose(files);
    expect(layout).toMatchObject({ component: 'the agent [x]', nested: 'the agent [x]/new {go}' });
    expect(manifest.paths).toContainEqual({ delete: { glob: 'the agent \\[x\\]/src/**', expect: 1 } });
    expect(places.filter(({ decision }) => decision === 'edit').map(({ path, line }) => `${path}:${line}`)).toEqual([
      'docs/a.md:1',
      'the agent [x]/new {go}/README.md:1',
    ]);
    expect(writeProposal({ layout, manifest, places, losses: [] })).toContain('the agent [x]/new {go}');
  });

  test('binary files, and those that are no UTF-8, are moved and not read', async () => {
    const files = {
      ...agent('agent', 'agent/go'),
      'docs/latin.md': Buffer.from('s\xfc\xdf: agent/go, python\n', 'latin1'),
      'agent/go/logo.png': Buffer.from([0x89, 0x50, 0, 1, 2]),
      'logo.bin': Buffer.from('agent/go\0agent-go'),
      '.gitattributes': '',
    };
    const { places } = await propose(files);
    expect(places.map(({ path }) => path)).not.toContain('docs/latin.md');
    expect(places.map(({ path }) => path)).not.toContain('logo.bin');
  });
});
