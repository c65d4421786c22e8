import { asked } from './image.fixture.ts';
import { rootfsImage } from './rootfs-image.ts';

// What a test runs in a process of its own: <image> <cache directory> <format> [to]; prints the result.
const [image = '', cacheDir = '', format = 'tar', to] = process.argv.slice(2);
const result = await rootfsImage(
  asked(image, { format: format as 'tar' | 'squashfs', ...(to === undefined ? {} : { to }) }),
  { emit: () => undefined, cacheDir, env: process.env },
);
process.stdout.write(JSON.stringify(result));
