import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import type { Plugin } from 'esbuild';

// npm gives each room a copy of a package of its own where the root has another version of it. In one program one copy of
// each version is enough: it is read, compiled and run once.

/** An esbuild plugin that leads every import of a package to the first copy of the same version; `root` is the repository. */
export function oneCopy(root: string): Plugin {
  const chosen = new Map<string, string>();
  return {
    name: 'one-copy',
    setup(build) {
      build.onResolve({ filter: /^[^./]/ }, async ({ path, pluginData, ...how }) => {
        if (pluginData === ASKED || path.startsWith('node:')) return undefined;
        const found = await build.resolve(path, { ...how, pluginData: ASKED });
        if (found.errors.length > 0 || found.external) return found;
        return { ...found, path: firstCopy(found.path, root, chosen) };
      });
    },
  };
}

const ASKED = Symbol('resolved by the plugin itself');

/** The same file in the first copy of its package: the root's, else that of the first room by name. */
export function firstCopy(file: string, root: string, chosen: Map<string, string> = new Map()): string {
  const [, own, name] = /^(.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+))[\\/]/.exec(file) ?? [];
  if (own === undefined || name === undefined || !own.startsWith(root + sep)) return file;
  const known = chosen.get(own) ?? chooseCopy(own, name, root);
  chosen.set(own, known);
  return known + file.slice(own.length);
}

function chooseCopy(own: string, name: string, root: string): string {
  const rooms = readdirSync(join(root, 'libs')).sort();
  const places = [root, ...rooms.map((room) => join(root, 'libs', room))].map((at) => join(at, 'node_modules', name));
  return places.find((at) => existsSync(at) && versionOf(at) === versionOf(own)) ?? own;
}

function versionOf(directory: string): unknown {
  return (JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as { version?: unknown }).version;
}
