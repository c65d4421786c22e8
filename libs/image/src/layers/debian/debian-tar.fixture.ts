import { cacheDir, silent } from '@baton/kernel';
import { parsePlatform } from '@baton/oci';
import { emptyLock } from '../../lock-file.ts';
import { tarDigest } from '../entries.fixture.ts';
import { resolveDebianLayer } from './debian-layer.ts';

// A process of its own for tests: prints the digest of a Debian layer of the packages it is given.
const io = { emit: silent, cacheDir: cacheDir(), env: process.env, epoch: 7, locked: false };
const layer = { debian: process.argv.slice(2), resolve: 'current' as const };
process.stdout.write(await tarDigest(await resolveDebianLayer(emptyLock(), layer, parsePlatform('linux/amd64'), io)));
