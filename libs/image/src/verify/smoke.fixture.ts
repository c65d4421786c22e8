import { argv } from 'node:process';
import { silent } from '@baton/kernel';
import { verifyOptions } from './verify.fixture.ts';
import { verifyImage } from './verify-image.ts';

// A child for kill tests: verifies the layout at argv[2] with a start, with its cache at argv[3] and its statement at argv[4].
const [, , image = '', cacheDir = '', statement = ''] = argv;
const env = { HOME: cacheDir, DOCKER_CONFIG: cacheDir, DOCKER_HOST: 'unix:///nowhere/docker.sock' };
const options = verifyOptions({ image, statement, run: 'always', html: `${statement}.html` });
const { checks, verdict } = await verifyImage(options, { emit: silent, cacheDir, env });
const run = checks.find(({ id }) => id === 'run');
process.stdout.write(`${verdict} ${run?.result} ${run?.detail}\n`);
