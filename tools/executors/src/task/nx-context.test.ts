import { availableParallelism } from 'node:os';
import type { ExecutorContext } from '@nx/devkit';
import { describe, expect, test } from 'vitest';
import { isVerbose, parallelism, projectOf } from './nx-context.ts';

function context(parallel?: number | string): ExecutorContext {
  return {
    root: '/workspace',
    cwd: '/workspace',
    isVerbose: false,
    projectsConfigurations: {
      version: 2,
      projects: { agent: { root: 'apps/agent', targets: { oci: { executor: '@baton/nx:image' } } } },
    },
    nxJsonConfiguration: parallel === undefined ? {} : { parallel },
    projectGraph: { nodes: {}, dependencies: {} },
  } as ExecutorContext;
}

test('projectOf finds a project and its targets, or says that it is a fault', () => {
  const found = projectOf(context(), 'agent');
  expect(found).toMatchObject({ name: 'agent', projectRoot: 'apps/agent' });
  expect(found.target('image')).toBe('agent:oci');
  expect(found.target('publish')).toBe('agent:publish');
  expect(() => projectOf(context(), 'other')).toThrow('unknown project "other"');
});

describe('parallelism', () => {
  const all = availableParallelism();
  test.each([
    ['nothing said', undefined, {}, all],
    ['nx.json', 7, {}, 7],
    ['a share in nx.json', '100%', {}, all],
    ['the environment', 7, { NX_PARALLEL: '5' }, 5],
    ['nonsense', undefined, { NX_PARALLEL: 'many' }, all],
    ['a share of less than one processor', '1%', {}, all],
  ])('%s', (_title, parallel, env, expected) => {
    expect(parallelism(context(parallel), env)).toBe(expected);
  });
});

test('isVerbose listens to the environment as well, which is all that a batch worker gets', () => {
  expect(isVerbose(context(), {})).toBe(false);
  expect(isVerbose(context(), { NX_VERBOSE_LOGGING: 'true' })).toBe(true);
  expect(isVerbose({ ...context(), isVerbose: true }, {})).toBe(true);
});
