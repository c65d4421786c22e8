// Makes the command's bundle (apps/baton/dist/bundle) and the package that is published (apps/baton/dist/package).
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Metafile } from 'esbuild';
import { bundleProgram, ROOT } from './bundle-program.ts';
import { copyPlain, FEEDER } from './copy-plain.ts';

const APP = join(ROOT, 'apps/baton');
const FILES = ['baton.cjs', 'baton-run.cjs', 'baton-cli.cjs', 'baton-engine.cjs', 'baton-dockerfile.cjs'] as const;

/** A bundled command. */
export interface BundledCli {
  /** The program, absolute. */
  program: string;
  /** What esbuild says about each of its files. */
  metafiles: Record<(typeof FILES)[number], Metafile>;
}

/**
 * Bundles the command into a directory.
 *
 * It is several files, because Node reads a whole file before it runs a line of it: `baton.cjs` has what finds out that
 * nothing changed, `baton-run.cjs` has what builds and publishes a project whose manifest was checked before, and
 * `baton-cli.cjs` has everything. The latter two are loaded through a compile cache. What only the driver `docker` needs of
 * other people's code lies in two more, which are read when it is used.
 */
export async function bundleCli(directory: string = join(APP, 'dist/bundle')): Promise<BundledCli> {
  const [program, run, rest, engine, dockerfile] = FILES;
  const packages = { dockerode: engine, 'dockerfile-ast': dockerfile };
  const [fast, known, full, dockerode, dockerfileAst] = await Promise.all([
    bundleProgram({
      entry: 'apps/baton/src/main.ts',
      outfile: join(directory, program),
      beside: { './known-run.ts': run, './cli.ts': rest },
    }),
    bundleProgram({ entry: 'apps/baton/src/known-run.ts', outfile: join(directory, run), beside: packages }),
    bundleProgram({ entry: 'apps/baton/src/cli.ts', outfile: join(directory, rest), beside: packages }),
    bundleProgram({ entry: 'node_modules/dockerode/lib/docker.js', outfile: join(directory, engine) }),
    bundleProgram({ entry: 'node_modules/dockerfile-ast/lib/main.js', outfile: join(directory, dockerfile) }),
  ]);
  await chmod(join(directory, program), 0o755);
  await copyPlain(join(ROOT, FEEDER), join(directory, basename(FEEDER)));
  return {
    program: join(directory, program),
    metafiles: { [program]: fast, [run]: known, [rest]: full, [engine]: dockerode, [dockerfile]: dockerfileAst },
  };
}

/** Bundles the command and lays out the package `@baton/cli`; returns its directory, ready for `npm pack`. */
export async function packageCli(directory: string = join(APP, 'dist/package')): Promise<string> {
  const source = JSON.parse(await readFile(join(APP, 'package.json'), 'utf8')) as Record<string, string>;
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  await bundleCli(directory);
  const manifest = {
    name: source.name,
    version: source.version,
    description: source.description,
    license: source.license,
    type: 'commonjs',
    bin: { baton: FILES[0] },
    files: [...FILES, basename(FEEDER)],
    engines: { node: '>=22.18.0' },
  };
  await writeFile(join(directory, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  await copyPlain(join(APP, 'README.md'), join(directory, 'README.md'));
  await copyPlain(join(ROOT, 'LICENSE'), join(directory, 'LICENSE'));
  return directory;
}

if (import.meta.main) {
  const { program } = await bundleCli();
  process.stdout.write(`${program}\n${await packageCli()}\n`);
}
