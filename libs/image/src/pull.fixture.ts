import { isDigest, toBatonError } from '@baton/kernel';
import { openStore, parseReference } from '@baton/oci';
import { pullBlob } from './flight-pull.ts';

// What a test runs in processes of its own: <cache directory> <repository> <digest>:<size>...; brings the blobs into the
// store one after the other and prints a JSON line for every event, and one for an error.
if (import.meta.main) {
  const [cacheDir = '', repository = '', ...blobs] = process.argv.slice(2);
  const say = (line: unknown): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
  const store = openStore(cacheDir);
  const io = { emit: say, cacheDir, env: process.env };
  try {
    for (const text of blobs) {
      const [, digest = '', size = ''] = /^(.*):([0-9]+)$/.exec(text) ?? [];
      if (!isDigest(digest)) throw new Error(`${digest} is no digest`);
      await pullBlob({ reference: parseReference(repository) }, { digest, size: Number(size) }, store, io);
    }
  } catch (error) {
    say(toBatonError(error).toJSON());
    process.exitCode = 1;
  }
}
