import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { readSigner, type Signer } from '@baton/evidence';
import { temporaryDirectory, writeFiles } from '@baton/testkit';

/** The kinds of key that can sign. */
export type KeyKind = 'ed25519' | 'ecdsa';

/** Makes a key pair and returns the paths of its PEM files; for tests of this room. */
export async function testKey(kind: KeyKind): Promise<{ private: string; public: string; signer: Signer }> {
  const pair =
    kind === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const dir = temporaryDirectory('keys');
  await writeFiles(dir, {
    'key.pem': pair.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    'key.pub': pair.publicKey.export({ type: 'spki', format: 'pem' }) as string,
  });
  const path = join(dir, 'key.pem');
  return { private: path, public: join(dir, 'key.pub'), signer: await readSigner(path) };
}
