import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { type TarEntry, writeTar } from '@baton/oci';

/** A registry of npm packages on loopback, for tests of this room. */
export interface NpmRegistry {
  /** What an npmrc says. */
  readonly url: string;
  /** Paths that were asked for, in order. */
  readonly requests: string[];
  /** Publishes (or replaces) a version. */
  publish(name: string, version: string, archive: Buffer): void;
  close(): Promise<void>;
}

/** Starts an empty registry. */
export async function startNpmRegistry(): Promise<NpmRegistry> {
  const packages = new Map<string, Map<string, Buffer>>();
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '/');
    requests.push(path);
    const [, name = '', version] = /^\/(@[^/]+\/[^/]+|[^/]+)(?:\/-\/(.+)\.tgz)?$/.exec(path) ?? [];
    const versions = packages.get(name);
    const archive = version === undefined ? undefined : versions?.get(version);
    if (archive !== undefined) return void response.end(archive);
    if (versions === undefined || version !== undefined) {
      response.statusCode = 404;
      return void response.end('{"error":"Not found"}');
    }
    response.setHeader('content-type', 'application/json');
    return void response.end(JSON.stringify(packument(name, versions, origin())));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `${origin()}/`,
    requests,
    publish(name, version, archive) {
      const versions = packages.get(name) ?? new Map<string, Buffer>();
      packages.set(name, versions.set(version, archive));
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** The archive of a package: files by path, a `*` behind a path makes it a program. */
export async function npmArchive(files: Record<string, string>, more: readonly TarEntry[] = []): Promise<Buffer> {
  const own = { uid: 0, gid: 0, mtime: 499162500 };
  const entries = Object.entries(files).map(([name, text]): TarEntry => {
    const content = Buffer.from(text);
    const mode = name.endsWith('*') ? 0o755 : 0o644;
    return {
      path: `package/${name.replace(/\*$/, '')}`,
      type: 'file',
      mode,
      size: content.byteLength,
      content,
      ...own,
    };
  });
  const chunks: Buffer[] = [];
  for await (const chunk of writeTar([...entries, ...more])) chunks.push(chunk);
  return gzipSync(Buffer.concat(chunks));
}

/** The integrity that npm states for an archive. */
export function integrityOf(archive: Buffer): string {
  return `sha512-${createHash('sha512').update(archive).digest('base64')}`;
}

function packument(name: string, versions: ReadonlyMap<string, Buffer>, origin: string): object {
  const all = [...versions].map(([version, archive]) => [
    version,
    {
      name,
      version,
      dist: {
        tarball: `${origin}/${name}/-/${version}.tgz`,
        integrity: integrityOf(archive),
        shasum: createHash('sha1').update(archive).digest('hex'),
      },
    },
  ]);
  return { name, 'dist-tags': { latest: [...versions.keys()].at(-1) }, versions: Object.fromEntries(all) };
}
