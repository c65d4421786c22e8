import { formatBytes, plural } from '@baton/kernel';
import { table } from '@baton/report';
import type { LoadResult } from './types.ts';

/** What a load did, for a terminal. */
export function reportLoad(result: LoadResult): string {
  const { names, platform, config, id, layers, engine } = result;
  const from = result.fetched === 0 ? '' : `, ${formatBytes(result.fetched)} of it from the base or registry`;
  const sent = result.present
    ? 'the engine has this image: nothing was sent'
    : `${plural(layers, 'layer')}, ${formatBytes(result.sent)} sent${from}`;
  return [
    `loaded ${names.map(({ name }) => name).join(', ')} (${platform})`,
    table([
      ['image', result.image],
      ['id', id === config ? id : `${id} (its config is ${config})`],
      ['engine', `${engine.address}${engine.version === undefined ? '' : ` (${engine.version})`}`],
      ['layers', sent],
      ...names.map(({ name, state }) => [state === 'present' ? 'had name' : 'name', name]),
    ]),
  ].join('\n');
}
