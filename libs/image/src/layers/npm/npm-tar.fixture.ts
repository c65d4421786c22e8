import { cacheDir, silent } from '@baton/kernel';
import { parsePlatform } from '@baton/oci';
import { emptyLock } from '../../lock-file.ts';
import { tarDigest } from '../entries.fixture.ts';
import { resolveNpmLayer } from './npm-layer.ts';

// A process of its own for tests: prints the digest of a layer of the npm package it is given.
const dir = process.cwd();
const io = { emit: silent, cacheDir: cacheDir(), env: process.env, epoch: 7, locked: false };
const layer = { npm: process.argv[2] ?? '', version: process.argv[3] ?? '', from: '.', to: '/opt', owner: '0:0' };
const resolved = await resolveNpmLayer({ dir, root: dir }, emptyLock(), layer, parsePlatform('linux/amd64'), io);
process.stdout.write(await tarDigest(resolved));
