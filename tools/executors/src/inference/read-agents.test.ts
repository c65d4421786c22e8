import { temporaryDirectory, writeFiles } from '@baton/testkit';
import { describe, expect, test } from 'vitest';
import { readAgents } from './read-agents.ts';

const agent = (name: string): string => `version: 1\nname: ${name}\n`;

describe('readAgents', () => {
  test('reads manifests by their folders', async () => {
    const root = temporaryDirectory();
    await writeFiles(root, { 'agent.yaml': agent('top'), 'apps/a/agent.yaml': agent('a') });
    const { agents, errors } = readAgents(root, ['apps/a/agent.yaml', 'agent.yaml']);
    expect(errors).toEqual([]);
    expect([...agents].map(([at, { file, manifest }]) => [at, file, manifest.name])).toEqual([
      ['.', 'agent.yaml', 'top'],
      ['apps/a', 'apps/a/agent.yaml', 'a'],
    ]);
  });

  test('collects what is wrong, one line with file, line and column, and goes on', async () => {
    const root = temporaryDirectory();
    await writeFiles(root, {
      'bad/agent.yaml': 'version: 1\nname: bad\nimage:\n  layerz: []\n',
      'good/agent.yaml': agent('good'),
    });
    const { agents, errors } = readAgents(root, ['bad/agent.yaml', 'good/agent.yaml', 'gone/agent.yaml']);
    expect([...agents.keys()]).toEqual(['good']);
    expect(errors.map(([file, { code }]) => [file, code])).toEqual([
      ['bad/agent.yaml', 'MANIFEST_INVALID'],
      ['gone/agent.yaml', 'FILE_FAILED'],
    ]);
    expect(errors[0]?.[1].message).toMatch(/^bad\/agent\.yaml:4:3: .*"layerz"/);
    expect(errors[0]?.[1].message).not.toContain('\n');
  });

  test('names both files that want one name', async () => {
    const root = temporaryDirectory();
    await writeFiles(root, { 'a/agent.yaml': agent('same'), 'b/agent.yaml': agent('same') });
    const { errors } = readAgents(root, ['b/agent.yaml', 'a/agent.yaml']);
    expect(errors.map(([file, { message }]) => [file, message])).toEqual([
      ['b/agent.yaml', 'b/agent.yaml: the name "same" is taken by a/agent.yaml'],
    ]);
  });

  test('parses the same content once, and changed content again', async () => {
    const root = temporaryDirectory();
    const read = (): unknown => readAgents(root, ['a/agent.yaml']).agents.get('a')?.manifest;
    await writeFiles(root, { 'a/agent.yaml': agent('one') });
    const first = read();
    expect(read()).toBe(first);
    await writeFiles(root, { 'a/agent.yaml': agent('two') });
    expect(read()).toMatchObject({ name: 'two' });
  });
});
