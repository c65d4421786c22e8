import { formatBytes, plural } from '@baton/kernel';
import type { RootfsResult } from './types.ts';

/** A root file system for a terminal: the path alone on the last line, so that scripts can take it from there. */
export function reportRootfs(result: RootfsResult): string {
  const { format, platform, image, size, entries, digest, read, milliseconds, reused, withoutXattrs } = result;
  const how = reused
    ? 'was there already'
    : `made of ${formatBytes(read)} of layers in ${(milliseconds / 1000).toFixed(1)} s`;
  return [
    `${format} of ${image} (${platform}): ${how}`,
    `${formatBytes(size)}, ${plural(entries, 'entry', 'entries')}, ${digest}`,
    ...(withoutXattrs === 0
      ? []
      : [`note: ${plural(withoutXattrs, 'entry has', 'entries have')} extended attributes that squashfs cannot hold`]),
    result.path,
  ].join('\n');
}
