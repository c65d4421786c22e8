import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '@baton/testkit';
import { describe, expect, test } from 'vitest';
import { toolchainInputs } from './toolchain.ts';

const NODE = { runtime: 'node --version' };
const nxJson = { namedInputs: { toolchain: ['{workspaceRoot}/tools/**/*'] } };

describe('toolchainInputs', () => {
  test('is the version of the installed package', () => {
    const root = temporaryDirectory();
    mkdirSync(join(root, 'node_modules/@baton/nx'), { recursive: true });
    expect(toolchainInputs(root, nxJson)).toEqual([{ externalDependencies: ['@baton/nx'] }, NODE]);
  });

  test('is the source, where the package is a workspace of this repository', () => {
    const root = temporaryDirectory();
    mkdirSync(join(root, 'tools/executors'), { recursive: true });
    mkdirSync(join(root, 'node_modules/@baton'), { recursive: true });
    symlinkSync('../../tools/executors', join(root, 'node_modules/@baton/nx'));
    expect(toolchainInputs(root, nxJson)).toEqual(['toolchain', NODE]);
    // Nx refuses an external dependency it does not know: better less than nothing at all.
    expect(toolchainInputs(root, {})).toEqual([NODE]);
  });
});
