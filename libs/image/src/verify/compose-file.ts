import { BatonError, errnoOf, readFileLimited } from '@baton/kernel';
import { type Document, isAlias, isMap, isNode, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { type ComposeMount, readLongMount, readShortMount } from './compose-mount.ts';

/** A service of a compose file, as far as its image and its mounts go. */
export interface ComposeService {
  name: string;
  /** As written, variables and all; undefined when it is only built. */
  image: string | undefined;
  mounts: ComposeMount[];
  /** Why not all of its mounts may be known: `extends`, `volumes_from`. */
  elsewhere: string | undefined;
  /** Paths that the lint must pass over, or all of it. */
  ignored: 'all' | readonly string[];
  /** Where it stands, from 1. */
  line: number;
}

/** A compose file that was read. */
export interface ComposeFile {
  /** As it was named. */
  name: string;
  bytes: Buffer;
  services: ComposeService[];
}

const LIMIT = 4 * 1024 * 1024;
const LABEL = 'dev.baton.volume-lint';
const HINT = 'Check it with "docker compose config".';

/**
 * Reads the services of a compose file (Compose specification): anchors and merge keys are followed, variables stay as
 * they are written. Errors: `COMPOSE_INVALID` with the line.
 */
export async function readCompose(path: string, name: string): Promise<ComposeFile> {
  let bytes: Buffer;
  try {
    bytes = await readFileLimited(path, LIMIT);
  } catch (error) {
    const why =
      errnoOf(error) === 'ENOENT' ? 'it does not exist' : error instanceof Error ? error.message : 'unreadable';
    throw new BatonError('COMPOSE_INVALID', `the compose file ${name} cannot be read: ${why}`, { cause: error });
  }
  return { name, bytes, services: parseCompose(bytes.toString('utf8'), name) };
}

/** {@link readCompose} of text that is at hand. */
export function parseCompose(text: string, name: string): ComposeService[] {
  try {
    return readServices(text, name);
  } catch (error) {
    if (error instanceof BatonError) throw error;
    // Nested deeper than the stack, or aliases of aliases without end: the library says so in its own words.
    throw invalid(name, 1, error instanceof Error ? error.message : String(error));
  }
}

function readServices(text: string, name: string): ComposeService[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, merge: true, prettyErrors: false });
  const [broken] = document.errors;
  if (broken !== undefined) throw invalid(name, lines.linePos(broken.pos[0]).line, broken.message);
  const place: Place = { name, document, line: (node) => lineOf(node, lines) };
  const services = get(document.contents, 'services', document);
  if (!isMap(services)) throw invalid(name, place.line(services) || 1, 'expected a mapping "services"');
  return services.items.map(({ key, value }) => {
    const service = isScalar(key) ? String(key.value) : '';
    const node = resolve(isNode(value) ? value : null, document);
    const line = place.line(isNode(key) ? key : null);
    if (!isMap(node)) throw invalid(name, line, `expected the service "${service}" to be a mapping`);
    return readService(service, node, line, place);
  });
}

interface Place {
  name: string;
  document: Document;
  line(node: Node | null): number;
}

function readService(name: string, node: Node, line: number, place: Place): ComposeService {
  const { document } = place;
  const image = plain(get(node, 'image', document), document);
  if (image !== undefined && typeof image !== 'string') {
    throw invalid(place.name, line, `expected the image of "${name}" to be text`);
  }
  const volumes = get(node, 'volumes', document);
  if (volumes !== null && !isSeq(volumes) && !(isScalar(volumes) && volumes.value === null)) {
    throw invalid(place.name, place.line(volumes), `expected the volumes of "${name}" to be a list`);
  }
  const mounts = isSeq(volumes)
    ? volumes.items.map((item) => readMount(name, resolve(isNode(item) ? item : null, document), line, place))
    : [];
  const elsewhere = ['extends', 'volumes_from'].find((key) => get(node, key, document) !== null);
  return {
    name,
    image,
    mounts: [...mounts, ...readTmpfs(get(node, 'tmpfs', document), line, place)],
    elsewhere,
    ignored: readIgnored(name, node, line, place),
    line,
  };
}

function readMount(service: string, node: Node | null, line: number, place: Place): ComposeMount {
  const at = place.line(node) || line;
  const value = plain(node, place.document);
  const mount = typeof value === 'string' ? readShortMount(value, at) : readLongMount(value, at);
  if (mount !== undefined) return mount;
  throw invalid(place.name, at, `expected a volume of "${service}" like source:target or a mapping with a target`);
}

function readTmpfs(node: Node | null, line: number, place: Place): ComposeMount[] {
  const value = plain(node, place.document);
  const paths = typeof value === 'string' ? [value] : Array.isArray(value) ? value : [];
  return paths
    .filter((path): path is string => typeof path === 'string')
    .map((path) => ({
      target: path.split(':', 1).join(''),
      source: undefined,
      kind: 'tmpfs',
      readOnly: false,
      ignored: false,
      line: place.line(node) || line,
    }));
}

/** Labels as a mapping or as a list of `key=value`, and the extension `x-baton: { volume-lint: ... }`. */
function readIgnored(service: string, node: Node, line: number, place: Place): ComposeService['ignored'] {
  const labels = plain(get(node, 'labels', place.document), place.document);
  const label = Array.isArray(labels)
    ? labels.find((entry) => String(entry).startsWith(`${LABEL}=`))
    : isRecord(labels)
      ? labels[LABEL]
      : undefined;
  const extension = plain(get(node, 'x-baton', place.document), place.document);
  const said: unknown =
    label !== undefined
      ? String(label).replace(`${LABEL}=`, '')
      : isRecord(extension)
        ? extension['volume-lint']
        : undefined;
  if (said === undefined || said === null) return [];
  if (said === 'ignore') return 'all';
  const paths = typeof said === 'string' ? said.split(',').map((path) => path.trim()) : said;
  if (Array.isArray(paths) && paths.every((path) => typeof path === 'string' && path.startsWith('/'))) return paths;
  throw invalid(place.name, line, `expected volume-lint of "${service}" to be the word ignore or a list of paths`);
}

const MOST_MERGES = 32;

function get(node: Node | null, key: string, document: Document, depth = 0): Node | null {
  const map = resolve(node, document);
  if (!isMap(map) || depth > MOST_MERGES) return null;
  const own = map.items.find((pair) => isScalar(pair.key) && pair.key.value === key)?.value;
  if (isNode(own)) return resolve(own, document);
  // What "<<" brings in comes after what stands there itself.
  for (const pair of map.items) {
    if (!isScalar(pair.key) || pair.key.source !== '<<' || !isNode(pair.value)) continue;
    const merged = resolve(pair.value, document);
    for (const one of isSeq(merged) ? merged.items : [merged]) {
      const found = isNode(one) ? get(one, key, document, depth + 1) : null;
      if (found !== null) return found;
    }
  }
  return null;
}

function resolve(node: Node | null, document: Document): Node | null {
  if (!isAlias(node)) return node;
  return node.resolve(document) ?? null;
}

function plain(node: Node | null, document: Document): unknown {
  // A bounded number of aliases: a small file must not become a large one.
  return node === null ? undefined : node.toJS(document, { maxAliasCount: 100 });
}

function lineOf(node: Node | null, lines: LineCounter): number {
  return node?.range === undefined || node.range === null ? 0 : lines.linePos(node.range[0]).line;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A complaint about a compose file. */
export function invalid(name: string, line: number, message: string): BatonError {
  return new BatonError('COMPOSE_INVALID', `${name}:${line}: ${message}`, { hint: HINT });
}
