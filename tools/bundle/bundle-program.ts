import { resolve } from 'node:path';
import { build, type Metafile, type Plugin } from 'esbuild';
import { flattenRooms } from './flatten-rooms.ts';
import { oneCopy } from './one-copy.ts';
import { slimDockerode } from './slim-dockerode.ts';

/** The repository's root. */
export const ROOT = resolve(import.meta.dirname, '../..');

/** What to bundle. */
export interface ProgramSpec {
  /** Source file, from the repository's root. */
  entry: string;
  /** Where the bundle goes, absolute. */
  outfile: string;
  /** Packages that stay outside. */
  external?: readonly string[];
  /** Imports (as they are written in the source, packages too) that become files beside the bundle, by name. */
  beside?: Readonly<Record<string, string>>;
}

/**
 * Bundles a program and everything it uses into one CommonJS file for Node; the same sources give the same bytes.
 *
 * CommonJS because the YAML parser asks for `require`; minified because Node reads the whole file at each start (a
 * seventh of the memory of a small publish); the syntax is one that Node 18 can read, so that an old Node gets as far as being told that it is too old.
 */
export async function bundleProgram({ entry, outfile, external = [], beside = {} }: ProgramSpec): Promise<Metafile> {
  const result = await build({
    absWorkingDir: ROOT,
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node18',
    // As require(): loading Node's machinery for modules would cost more than what is imported.
    supported: { 'dynamic-import': false },
    minifyWhitespace: true,
    minifySyntax: true,
    minifyIdentifiers: true,
    legalComments: 'none',
    // A bundle asks where it lies itself, as its sources ask.
    define: { 'import.meta.dirname': '__dirname', 'import.meta.filename': '__filename' },
    // Plain ASCII, which V8 keeps in half the memory.
    charset: 'ascii',
    external: [...external],
    plugins: [filesBeside(beside), flattenRooms(ROOT), slimDockerode(), oneCopy(ROOT)],
    metafile: true,
    logLevel: 'warning',
  });
  return result.metafile;
}

function filesBeside(files: Readonly<Record<string, string>>): Plugin {
  return {
    name: 'files-beside',
    setup(build) {
      build.onResolve({ filter: /./ }, ({ path, kind }) => {
        const file = kind === 'entry-point' ? undefined : files[path];
        return file === undefined ? undefined : { path: `./${file}`, external: true };
      });
    },
  };
}
