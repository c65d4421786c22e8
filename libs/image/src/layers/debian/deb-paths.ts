import { posix } from 'node:path';

const MERGED = /^(bin|sbin|lib|lib32|lib64|libx32|libo32)(?=\/|$)/;

/** What an image without shell, package manager and manuals has no use for; licences are kept. */
const DROPPED = [
  /^usr\/share\/(man|info|locale|lintian|bug|doc-base|groff|linda|bash-completion|zsh|gcc|gdb)(\/|$)/,
  /^usr\/lib\/([^/]+\/)?gconv(\/|$)/,
  /^usr\/share\/doc(\/|$)/,
];

const KEPT = /^usr\/share\/doc\/[^/]+(\/copyright)?$/;

/** Where a file goes in the image: everything from `/bin`, `/sbin` and `/lib*` below `/usr` (Debian's merged `/usr`). */
export function mergedPath(path: string): string {
  return MERGED.test(path) ? `usr/${path}` : path;
}

/** The old name of a directory that was merged, or undefined: `lib` for `lib/x86_64-linux-gnu/libc.so.6`. */
export function mergedRoot(path: string): string | undefined {
  return MERGED.exec(path)?.[1];
}

/**
 * Whether a file stays out of the image: manuals, translations, character set converters, documentation but for
 * copyright files. Links between packages' documentation stay: they say whose copyright file applies.
 */
export function isDropped(path: string, type: string): boolean {
  if (KEPT.test(path) && type !== 'directory') return false;
  return DROPPED.some((pattern) => pattern.test(path));
}

/**
 * The target of a symbolic link after its file and its target have moved. An absolute target is right as it is: the
 * links of the merged directories lead on.
 *
 * @param path where the package has the link, before merging
 */
export function mergedTarget(path: string, target: string): string {
  if (target.startsWith('/') || mergedRoot(path) === undefined) return target;
  const meant = posix.normalize(posix.join(posix.dirname(path), target));
  if (meant.startsWith('..')) return target;
  return posix.relative(posix.dirname(mergedPath(path)), mergedPath(meant));
}
