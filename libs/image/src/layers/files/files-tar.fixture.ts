import { cacheDir, type ProgressEvent } from '@baton/kernel';
import { parsePlatform } from '@baton/oci';
import { resolveFilesLayer } from './files-layer.ts';

// A process of its own for tests: decides a layer of the directory it stands in, and prints what that took.
const dir = process.cwd();
const events: ProgressEvent[] = [];
const io = {
  emit: (event: ProgressEvent) => void events.push(event),
  cacheDir: cacheDir(),
  env: process.env,
  epoch: 0,
  locked: false,
};
const layer = { from: 'src', to: '/app', owner: '0:0' };
const before = process.resourceUsage().maxRSS;
const { key } = await resolveFilesLayer(
  { dir, root: dir },
  layer,
  parsePlatform('linux/amd64'),
  io,
  async () => new Map(),
);
// Kilobytes, on every platform (libuv).
const grown = process.resourceUsage().maxRSS - before;
process.stdout.write(JSON.stringify({ key, events: events.length, grown }));
