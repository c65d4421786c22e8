import type { TarEntry } from '@baton/oci';

/** Where in the image a layer's files go, whose they are, and with which permissions. */
export interface Placement {
  /** Tar path of `to`: '' is the root of the image. */
  target: string;
  /** Whether `to` ends with a slash: a single file keeps its own name below it. */
  into: boolean;
  uid: number;
  gid: number;
  /** Permissions of every file, when the manifest gives them. */
  fileMode: number | undefined;
}

/** Reads the keys that layers of files share; the manifest's schema has judged their form. */
export function placementOf(layer: { to: string; owner?: string | undefined; mode?: string | undefined }): Placement {
  const [uid, gid] = (layer.owner ?? '0:0').split(':').map((part) => Number.parseInt(part, 10));
  return {
    target: layer.to.replace(/^\/+|\/+$/g, ''),
    into: layer.to.length > 1 && layer.to.endsWith('/'),
    uid: uid ?? 0,
    gid: gid ?? uid ?? 0,
    fileMode: layer.mode === undefined ? undefined : Number.parseInt(layer.mode, 8),
  };
}

/** Permissions of a file: the manifest's, else 0755 for a program and 0644 for anything else. */
export function fileMode(place: Placement, executable: boolean): number {
  return place.fileMode ?? (executable ? 0o755 : 0o644);
}

/** Permissions of a directory: who may read the files may also enter. Set-id and sticky bits are for files alone. */
export function directoryMode(place: Placement): number {
  const mode = place.fileMode ?? 0o644;
  return (mode & 0o777) | ((mode & 0o444) >> 2);
}

/** The directories above a tar path, outermost first; they belong to root and are open to everyone. */
export function parentEntries(path: string, epoch: number): TarEntry[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, depth) => ({
    path: parts.slice(0, depth + 1).join('/'),
    type: 'directory',
    mode: 0o755,
    uid: 0,
    gid: 0,
    mtime: epoch,
    size: 0,
  }));
}
