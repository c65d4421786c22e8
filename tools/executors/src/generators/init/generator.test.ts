import { NX_VERSION, readJson, readNxJson, type Tree, updateJson, updateNxJson } from '@nx/devkit';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { describe, expect, test } from 'vitest';
import own from '../../../package.json' with { type: 'json' };
import { initGenerator } from './generator.ts';
import schema from './schema.json' with { type: 'json' };

function snapshot(tree: Tree): Record<string, string | null> {
  return Object.fromEntries(['nx.json', 'package.json', '.gitignore'].map((path) => [path, tree.read(path, 'utf8')]));
}

function devDependencies(tree: Tree): Record<string, string> {
  return readJson<{ devDependencies: Record<string, string> }>(tree, 'package.json').devDependencies;
}

describe('init', () => {
  test('adds the plugin, the packages and what git should ignore', async () => {
    const tree = createTreeWithEmptyWorkspace();
    await initGenerator(tree, { skipFormat: true });
    expect(readNxJson(tree)?.plugins).toEqual(['@baton/nx']);
    expect(devDependencies(tree)).toMatchObject({ '@baton/nx': own.version, '@nx/devkit': NX_VERSION });
    expect(tree.read('.gitignore', 'utf8')).toBe('dist/\n');
  });

  test('changes nothing the second time', async () => {
    const tree = createTreeWithEmptyWorkspace();
    await initGenerator(tree, { skipFormat: true });
    const first = snapshot(tree);
    await initGenerator(tree, { skipFormat: true });
    expect(snapshot(tree)).toEqual(first);
  });

  test('leaves an entry with options as it is, and other plugins before its own', async () => {
    const tree = createTreeWithEmptyWorkspace();
    const entry = { plugin: '@baton/nx', options: { imageTargetName: 'oci' } };
    updateNxJson(tree, { plugins: ['other', entry] });
    await initGenerator(tree, { skipFormat: true });
    expect(readNxJson(tree)?.plugins).toEqual(['other', entry]);
  });

  test.each(['dist', 'dist/', '**/dist', 'dist/**'])('sees that %s is ignored already', async (line) => {
    const tree = createTreeWithEmptyWorkspace();
    tree.write('.gitignore', `node_modules\n${line}\n`);
    await initGenerator(tree, { skipFormat: true });
    expect(tree.read('.gitignore', 'utf8')).toBe(`node_modules\n${line}\n`);
  });

  test('appends to a .gitignore whose last line is open, and takes no other name for dist', async () => {
    const tree = createTreeWithEmptyWorkspace();
    // "/dist" is the workspace's own folder alone, not that of a project.
    tree.write('.gitignore', 'distribution\n/dist');
    await initGenerator(tree, { skipFormat: true });
    expect(tree.read('.gitignore', 'utf8')).toBe('distribution\n/dist\ndist/\n');
  });

  test('skipPackageJson adds no dependency', async () => {
    const tree = createTreeWithEmptyWorkspace();
    const before = tree.read('package.json', 'utf8');
    await initGenerator(tree, { skipPackageJson: true, skipFormat: true });
    expect(tree.read('package.json', 'utf8')).toBe(before);
  });

  test.each([
    ['an older version is raised', '0.0.1', {}, own.version],
    ['keepExistingVersions keeps it', '0.0.1', { keepExistingVersions: true }, '0.0.1'],
    ['a file stays where it comes from', 'file:../baton-nx-0.1.0.tgz', {}, 'file:../baton-nx-0.1.0.tgz'],
    ['a workspace link stays', '*', {}, '*'],
  ])('%s', async (_title, present, options, expected) => {
    const tree = createTreeWithEmptyWorkspace();
    updateJson(tree, 'package.json', (json) => ({
      ...json,
      devDependencies: { '@baton/nx': present, '@nx/devkit': '23.0.0' },
    }));
    await initGenerator(tree, { ...options, skipFormat: true });
    expect(devDependencies(tree)).toEqual({ '@baton/nx': expected, '@nx/devkit': '23.0.0' });
  });

  test('works where there is no package.json', async () => {
    const tree = createTreeWithEmptyWorkspace();
    tree.delete('package.json');
    await initGenerator(tree, { skipFormat: true });
    expect(readNxJson(tree)?.plugins).toEqual(['@baton/nx']);
    expect(tree.exists('package.json')).toBe(false);
  });

  test('its schema names the options it takes, and nothing else', () => {
    expect(Object.keys(schema.properties)).toEqual(['skipFormat', 'skipPackageJson', 'keepExistingVersions']);
    expect(Object.values(schema.properties).every(({ description }) => description.length > 0)).toBe(true);
  });
});
