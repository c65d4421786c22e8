import { createHash } from 'node:crypto';

const LONGEST = 120;

/**
 * The `.esc` file of each channel in the directory of a golden: letters, digits and `._+-{}`, never hidden, at most 140 bytes, different
 * also where case does not count. `run1/stdout` is `run1-stdout.esc`, `host:/etc/x` is `host+etc+x.esc`.
 *
 * A name depends on nothing but the channel, unless two channels would differ only in case.
 *
 * @param channels names in which tokens are escaped (`\{log-stamp:1}`), so that they are the same in every recording
 */
export function channelFileNames(channels: readonly string[]): Map<string, string> {
  const plain = channels.map((channel) => [channel, safeName(channel)] as const);
  const uses = new Map<string, number>();
  for (const [, name] of plain) uses.set(name.toLowerCase(), (uses.get(name.toLowerCase()) ?? 0) + 1);
  return new Map(
    plain.map(([channel, name]) => [
      channel,
      `${uses.get(name.toLowerCase()) === 1 ? name : `${name}-${mark(channel)}`}.esc`,
    ]),
  );
}

function safeName(channel: string): string {
  const [, tree, path] = /^(host|container):(\/.*)$/s.exec(channel) ?? [];
  const flat =
    tree === undefined || path === undefined ? channel.replaceAll('/', '-') : tree + path.replaceAll('/', '+');
  const known = flat.replace(/\\\{([a-z0-9-]+):(\d+)\}/g, '{$1-$2}');
  const safe = known.replace(/[^A-Za-z0-9._+{}-]/g, '_');
  // What lost something on the way to its name is told apart by a digest.
  const lost = safe !== known || safe.length > LONGEST || (path ?? '').includes('+');
  return lost ? `${safe.slice(0, LONGEST)}-${mark(channel)}` : safe;
}

function mark(channel: string): string {
  return createHash('sha256').update(channel).digest('hex').slice(0, 8);
}
