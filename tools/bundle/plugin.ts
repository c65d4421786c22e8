// Makes the package of the Nx plugin that is published (tools/executors/dist/package).
import { readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { bundleProgram, ROOT } from './bundle-program.ts';
import { copyPlain, FEEDER } from './copy-plain.ts';

const PLUGIN = join(ROOT, 'tools/executors');

interface Manifest {
  name: string;
  version: string;
  description: string;
  license: string;
  peerDependencies: Record<string, string>;
}

/** What `executors.json` and `generators.json` say about one entry. */
interface Entry {
  implementation?: string;
  batchImplementation?: string;
  factory?: string;
  schema: string;
}

/**
 * Bundles the plugin and lays out the package `@baton/nx`; returns its directory, ready for `npm pack`.
 *
 * Each file that Nx loads is a bundle of its own at the place it has in the source, so that `executors.json` and
 * `generators.json` are the same here and there: Nx finds `.ts` in a workspace and `.js` in a package.
 */
export async function packagePlugin(directory: string = join(PLUGIN, 'dist/package')): Promise<string> {
  await rm(directory, { recursive: true, force: true });
  const { name, version, description, license, peerDependencies } = await readJson<Manifest>('package.json');
  const entries = [
    ...Object.values((await readJson<{ executors: Record<string, Entry> }>('executors.json')).executors),
    ...Object.values((await readJson<{ generators: Record<string, Entry> }>('generators.json')).generators),
  ];
  const modules = new Set(['src/index']);
  for (const { implementation, batchImplementation, factory } of entries) {
    for (const place of [implementation, batchImplementation, factory])
      if (place !== undefined) modules.add(moduleOf(place));
  }
  for (const module of modules) {
    await bundleProgram({
      entry: `tools/executors/${module}.ts`,
      outfile: join(directory, `${module}.js`),
      external: ['@nx/devkit', 'nx'],
    });
  }
  const manifest = {
    name,
    version,
    description,
    license,
    type: 'commonjs',
    main: './src/index.js',
    exports: {
      '.': './src/index.js',
      './package.json': './package.json',
      './executors.json': './executors.json',
      './generators.json': './generators.json',
    },
    executors: './executors.json',
    generators: './generators.json',
    files: ['src', 'executors.json', 'generators.json'],
    peerDependencies,
    engines: { node: '>=22.18.0' },
  };
  await writeFile(join(directory, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  const files = ['executors.json', 'generators.json', 'README.md', ...entries.map(({ schema }) => schema)];
  for (const file of files) await copyPlain(join(PLUGIN, file), join(directory, file));
  await copyPlain(join(ROOT, FEEDER), join(directory, 'src/executors', basename(FEEDER)));
  await copyPlain(join(ROOT, 'LICENSE'), join(directory, 'LICENSE'));
  return directory;
}

/** `./src/executors/index#imageExecutor` -> `src/executors/index`. */
function moduleOf(place: string): string {
  return place.replace(/#.*$/, '').replace(/^\.\//, '');
}

async function readJson<T>(file: string): Promise<T> {
  return JSON.parse(await readFile(join(PLUGIN, file), 'utf8')) as T;
}

if (import.meta.main) process.stdout.write(`${await packagePlugin()}\n`);
