import { plural } from '@baton/kernel';
import type { ComposeFile, ComposeService } from './compose-file.ts';
import type { ComposeMount } from './compose-mount.ts';
import { normalPath } from './compose-mount.ts';
import type { ImageTree } from './image-tree.ts';
import type { ImageCheck } from './types.ts';

/** What the lint of one platform looks at. */
export interface VolumeFacts {
  /** `Config.Volumes` of the image, inherited ones included (L3). */
  volumes: readonly string[];
  /** Those that the manifest lists; undefined without a project. */
  listed: readonly string[] | undefined;
  /** Undefined when the tree could not be read. */
  tree: ImageTree | undefined;
  compose: { file: ComposeFile; services: readonly ComposeService[] } | undefined;
}

/**
 * Holds the volumes that an image declares against what a compose file mounts (deploy 1.3).
 *
 * L1: each declared path has one mount in each service, else the engine makes an anonymous volume that the next release
 * does not see. L2: persistent data that is mounted should be declared. L3: what the image declares counts, also what it
 * inherits. L4: a declared path must not hold files of the image, for the volume's first content hides those of later
 * images.
 */
export function lintVolumes({ volumes, listed, tree, compose }: VolumeFacts): ImageCheck[] {
  const declared = [...new Set(volumes.flatMap((path) => normalPath(path) ?? []))].sort();
  const checks: ImageCheck[] = [];
  for (const service of compose?.services ?? []) {
    checks.push(...lintService(declared, service, compose?.file.name ?? ''));
  }
  if (compose !== undefined && checks.every(({ result }) => result !== 'failed' && result !== 'pending')) {
    const services = compose.services.map(({ name }) => name).join(', ');
    checks.unshift({
      id: 'volume-l1',
      result: 'passed',
      detail: `${plural(declared.length, 'declared volume')}, each mounted once by ${services}`,
    });
  }
  const inherited = listed === undefined ? [] : declared.filter((path) => !listed.map(normalPath).includes(path));
  for (const path of inherited) {
    checks.push({ id: 'volume-l3', result: 'noted', detail: `${path} is declared by the base, not by agent.yaml` });
  }
  return [...checks, ...lintContent(declared, tree, compose !== undefined)];
}

function lintService(declared: readonly string[], service: ComposeService, file: string): ImageCheck[] {
  if (service.ignored === 'all') {
    const detail = `${file}:${service.line}: the service "${service.name}" is passed over, as its annotation says`;
    return [{ id: 'volume-l1', result: 'noted', detail }];
  }
  const ignored = new Set(service.ignored.map((path) => normalPath(path)));
  const mounts = service.mounts.map((mount) => ({ ...mount, path: normalPath(mount.target) }));
  const checks: ImageCheck[] = [];
  for (const path of declared) {
    if (ignored.has(path)) {
      const detail = `${file}:${service.line}: ${path} is passed over, as an annotation says`;
      checks.push({ id: 'volume-l1', result: 'noted', detail });
    } else checks.push(...lintDeclared(path, mounts, service, file));
  }
  for (const { path, ...mount } of mounts) {
    if (path === undefined || declared.includes(path) || ignored.has(path) || !isPersistent(mount)) continue;
    const detail = `${file}:${mount.line}: "${service.name}" mounts ${path}, which the image does not declare as a volume`;
    checks.push({ id: 'volume-l2', result: 'noted', detail });
  }
  return checks;
}

function lintDeclared(
  path: string,
  mounts: readonly (ComposeMount & { path: string | undefined })[],
  service: ComposeService,
  file: string,
): ImageCheck[] {
  const at = `${file}:${service.line}: "${service.name}"`;
  const there = mounts.filter((mount) => mount.path === path);
  const [first, second] = there;
  if (second !== undefined) {
    return [failed(`${at} mounts ${path} ${there.length} times (line ${there.map(({ line }) => line).join(', ')})`)];
  }
  if (first !== undefined) {
    if (first.source !== undefined || first.kind === 'tmpfs' || first.ignored) return [];
    return [failed(`${file}:${first.line}: "${service.name}" mounts an anonymous volume at ${path}: give it a name`)];
  }
  const unknown = mounts.find((mount) => mount.path === undefined);
  const why = service.elsewhere ?? (unknown === undefined ? undefined : `the variable in "${unknown.target}"`);
  if (why !== undefined) {
    const detail = `${at} has no mount at ${path} that can be seen here: ${why} may bring one`;
    return [{ id: 'volume-l1', result: 'pending', detail }];
  }
  const near = mounts.find((mount) => mount.path !== undefined && isNear(mount.path, path));
  const below = near?.path?.startsWith(path === '/' ? '/' : `${path}/`);
  const nearly =
    near === undefined ? '' : `; it mounts ${near.path}, which is ${below === true ? 'below' : 'above'} it`;
  return [
    failed(`${at} has no mount at ${path}, which the image declares: the engine makes an anonymous volume${nearly}`),
  ];
}

function isNear(a: string, b: string): boolean {
  return a.startsWith(`${b}/`) || b.startsWith(`${a}/`) || a === '/';
}

// What cannot be written to, or does not outlive the container, keeps no data; a socket is none.
function isPersistent({ kind, readOnly, ignored, source }: ComposeMount): boolean {
  return (kind === 'volume' || kind === 'bind') && !readOnly && !ignored && !(source ?? '').endsWith('.sock');
}

function failed(detail: string): ImageCheck {
  return { id: 'volume-l1', result: 'failed', detail };
}

function lintContent(declared: readonly string[], tree: ImageTree | undefined, strict: boolean): ImageCheck[] {
  if (declared.length === 0) return [];
  if (tree === undefined) {
    return [{ id: 'volume-l4', result: 'pending', detail: 'the files of the image could not be read' }];
  }
  const places = new Map(declared.map((path) => [tree.look(path).found?.path ?? path, path]));
  const shipped = new Map<string, { first: string; count: number }>();
  for (const { path: file, header } of tree.files()) {
    if (header.type === 'directory') continue;
    for (const place of [file, ...above(file)]) {
      const path = places.get(place);
      if (path === undefined) continue;
      const { first, count } = shipped.get(path) ?? { first: file, count: 0 };
      shipped.set(path, { first, count: count + 1 });
    }
  }
  const checks = [...shipped].map(([path, { first, count }]): ImageCheck => {
    const files = `${first}${count === 1 ? '' : ` and ${count - 1} more`}`;
    const why = 'a volume keeps the files it first got, and hides those of later images';
    const detail = `the image ships files at the volume ${path} (${files}): ${why}`;
    return { id: 'volume-l4', result: strict ? 'failed' : 'noted', detail };
  });
  if (checks.length > 0) return checks;
  return [
    { id: 'volume-l4', result: 'passed', detail: `${plural(declared.length, 'declared volume')}, none with files` },
  ];
}

function* above(path: string): Generator<string> {
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) yield path.slice(0, end);
  yield '/';
}
