import { join } from 'node:path';
import { createSubject, type Subject } from '@baton/parity';
import { REPOSITORY } from './test-bundle.ts';

const MODULES = join(REPOSITORY, 'node_modules');

/** A bundle of the agent as a subject: on this Node, with its native part where the image has it. Needs root. */
export async function bundleSubject(bundle: string): Promise<Subject> {
  const mounts = [
    { source: process.execPath, target: '/usr/local/bin/node' },
    { source: bundle, target: '/app/main.cjs' },
    ...['koffi', '@koromix'].map((name) => ({
      source: join(MODULES, name),
      target: join('/app/node_modules', name),
    })),
  ];
  const command = ['/usr/local/bin/node', '/app/main.cjs'];
  return await createSubject({ kind: 'process', command, clock: 'BATON_AGENT_CLOCK', mounts });
}
