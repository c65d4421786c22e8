import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Plugin } from 'esbuild';

// In a CommonJS bundle, importing one name from a room's index would run every file that the index names: publishing
// "nothing changed" would build all schemas. So imports from "@baton/<room>" are led past the index, to the file that
// has the name. The rooms' files do nothing when they are loaded, so what is left out is not missed.

const IMPORT = /^import\s+(type\s+)?\{([^}]*)\}\s+from\s+'@baton\/([a-z]+)';$/gm;
const EXPORT = /export\s+(?:type\s+)?\{([^}]*)\}\s+from\s+'(\.\/[^']+)';/g;
const ALL_TYPES = /^export type \* from '\.\/[^']+';$/gm;

/** Where a name of a room really is. */
interface Home {
  file: string;
  name: string;
}

/** An esbuild plugin that leads imports of rooms past their index files; `root` is the repository. */
export function flattenRooms(root: string): Plugin {
  const rooms = new Map<string, Map<string, Home>>();
  return {
    name: 'flatten-rooms',
    setup(build) {
      build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
        if (path.includes('/node_modules/')) return undefined;
        try {
          return { contents: flattenImports(readFileSync(path, 'utf8'), path, root, rooms), loader: 'ts' };
        } catch (error) {
          return { errors: [{ text: error instanceof Error ? error.message : String(error) }] };
        }
      });
    },
  };
}

/** Rewrites the imports of one source file. Throws when an import names what the room's index does not have. */
export function flattenImports(
  source: string,
  path: string,
  root: string,
  rooms: Map<string, Map<string, Home>> = new Map(),
): string {
  return source.replace(IMPORT, (text, typeOnly: string | undefined, list: string, room: string) => {
    // Positions in messages stay right as long as the number of lines does.
    const lines = text.replace(/[^\n]/g, '');
    if (typeOnly !== undefined) return lines;
    const known = rooms.get(room) ?? readIndex(join(root, 'libs', room, 'src', 'index.ts'));
    rooms.set(room, known);
    const imports = names(list).map(({ name, as }) => {
      const home = known.get(name);
      if (home === undefined) throw new Error(`${path} imports "${name}", which @baton/${room} does not export`);
      return `import { ${home.name} as ${as} } from ${JSON.stringify(home.file)};`;
    });
    return imports.join(' ') + lines;
  });
}

/** What an index exports: only `export { ... } from './file.ts'`, and all types of a file, are allowed in one. */
function readIndex(index: string): Map<string, Home> {
  const homes = new Map<string, Home>();
  const rest = readFileSync(index, 'utf8').replace(EXPORT, (_, list: string, file: string) => {
    for (const { name, as } of names(list)) homes.set(as, { file: resolve(dirname(index), file), name });
    return '';
  });
  const code = rest
    .replace(ALL_TYPES, '')
    .replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
    .trim();
  if (code !== '') throw new Error(`${index} has more than exports from files: ${code.slice(0, 80)}`);
  return homes;
}

function names(list: string): { name: string; as: string }[] {
  return list
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '' && !part.startsWith('type '))
    .map((part) => {
      const [name = '', as = name] = part.split(/\s+as\s+/);
      return { name, as };
    });
}
