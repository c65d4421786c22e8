import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bundleInto, REPOSITORY } from '../src/test-bundle.ts';
import type { Candidate } from './candidate.ts';

const MODULES = join(REPOSITORY, 'node_modules');
// Where the image has them (agent.yaml).
const NODE = '/usr/local/bin/node';
const APP = '/app';

/**
 * Our agent: bundled afresh by the manifest's own command into `directory`, on the Node that runs the tests.
 *
 * The container gets the same as the image: the bundle, koffi with its native part, and the libraries that Node is linked against.
 */
export async function buildNodeCandidate(directory: string): Promise<Candidate> {
  const bundle = join(directory, 'bundle');
  await bundleInto(bundle);
  const native = nativeParts();
  const packages = ['koffi', ...native.map(({ name }) => name)];
  return {
    name: 'apps/agent',
    command: [NODE, join(APP, 'main.cjs')],
    mounts: [
      { source: process.execPath, target: NODE },
      { source: join(bundle, 'main.cjs'), target: join(APP, 'main.cjs') },
      ...packages.map((name) => ({ source: join(MODULES, name), target: join(APP, 'node_modules', name) })),
      ...copyLibraries([process.execPath, ...native.flatMap(({ files }) => files)], join(directory, 'libraries')),
    ],
    frozenClock: (time) => ({ BATON_AGENT_CLOCK: time }),
  };
}

// The packages that npm installed for this platform, with what is to be loaded out of them.
function nativeParts(): { name: string; files: string[] }[] {
  return readdirSync(join(MODULES, '@koromix')).map((part) => {
    const name = `@koromix/${part}`;
    const files = readdirSync(join(MODULES, name), { recursive: true, encoding: 'utf8' });
    const libc = (file: string): boolean => file.endsWith('.node') && !file.includes('musl');
    return { name, files: files.filter(libc).map((file) => join(MODULES, name, file)) };
  });
}

// What ldd(1) lists, each in a directory of its own name: one mount for each directory.
function copyLibraries(programs: readonly string[], directory: string): Candidate['mounts'] {
  const listed = execFileSync('ldd', [...programs], { encoding: 'utf8' });
  const libraries = new Set([...listed.matchAll(/^\t(?:\S+ => )?(\/\S+) \(0x/gm)].map(([, path = '']) => path));
  const places = new Set<string>();
  for (const library of libraries) {
    const copy = join(directory, library);
    places.add(dirname(library));
    mkdirSync(dirname(copy), { recursive: true });
    if (!existsSync(copy)) copyFileSync(library, copy);
  }
  return [...places].map((place) => ({ source: join(directory, place), target: place }));
}
