import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { BatonError, errnoOf, readFileLimited, toBatonError } from '@baton/kernel';

/** A private key, ready to sign. Its bytes stay inside. */
export interface Signer extends Verifier {
  sign(bytes: Uint8Array): Buffer;
}

/** A public key, ready to verify. */
export interface Verifier {
  /** sha256 of the public key (SubjectPublicKeyInfo, DER), in hexadecimal. */
  readonly keyId: string;
  verify(bytes: Uint8Array, signature: Uint8Array): boolean;
}

/** Where keys are named. */
export interface KeySources {
  /** `BATON_SIGNING_KEY` in it names a PEM file with a private key. */
  env?: NodeJS.ProcessEnv;
  /** The PEM file that the manifest names, absolute: private or public. */
  key?: string | undefined;
}

/**
 * The key to sign with: the file that `BATON_SIGNING_KEY` names, else the manifest's if that is a private key, else none.
 *
 * @throws BatonError `KEY_INVALID` when a named file is missing or holds no Ed25519 or ECDSA P-256 key
 */
export async function findSigner(sources: KeySources): Promise<Signer | undefined> {
  const named = sources.env?.BATON_SIGNING_KEY;
  if (named !== undefined && named !== '') return await readSigner(named);
  if (sources.key === undefined) return undefined;
  const pem = await readPem(sources.key);
  return isPrivate(pem) ? signerOf(pem, sources.key) : undefined;
}

/** The key to verify with: the manifest's, else the public half of the one that `BATON_SIGNING_KEY` names, else none. */
export async function findVerifier(sources: KeySources): Promise<Verifier | undefined> {
  if (sources.key !== undefined) return await readVerifier(sources.key);
  const named = sources.env?.BATON_SIGNING_KEY;
  return named === undefined || named === '' ? undefined : await readVerifier(named);
}

/** Reads a private key from a PEM file. */
export async function readSigner(path: string): Promise<Signer> {
  const pem = await readPem(path);
  if (isPrivate(pem)) return signerOf(pem, path);
  throw keyInvalid(path, 'expected a private key to sign with, found another kind of PEM');
}

/** Reads a public key from a PEM file; of a private key, its public half. */
export async function readVerifier(path: string): Promise<Verifier> {
  const pem = await readPem(path);
  return verifierOf(
    isPrivate(pem) ? createPublicKey(parsed(path, () => createPrivateKey(pem))) : publicKey(pem, path),
    path,
  );
}

function publicKey(pem: string, path: string): KeyObject {
  return parsed(path, () => createPublicKey(pem));
}

function signerOf(pem: string, path: string): Signer {
  const key = parsed(path, () => createPrivateKey(pem));
  return { ...verifierOf(createPublicKey(key), path), sign: (bytes) => sign(hashFor(key), bytes, key) };
}

function verifierOf(key: KeyObject, path: string): Verifier {
  const kind = key.asymmetricKeyType;
  if (kind !== 'ed25519' && !(kind === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1')) {
    throw keyInvalid(path, `expected an Ed25519 or ECDSA P-256 key, found ${kind ?? 'another kind'}`);
  }
  const keyId = createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex');
  return { keyId, verify: (bytes, signature) => verify(hashFor(key), bytes, key, signature) };
}

// Ed25519 hashes on its own (RFC 8032); ECDSA P-256 goes with SHA-256, the signature in DER.
function hashFor(key: KeyObject): string | null {
  return key.asymmetricKeyType === 'ed25519' ? null : 'sha256';
}

function isPrivate(pem: string): boolean {
  return /-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem);
}

// The error of the crypto library may quote the input, so it is not passed on.
function parsed(path: string, parse: () => KeyObject): KeyObject {
  try {
    return parse();
  } catch {
    throw keyInvalid(path, 'expected an unencrypted PEM key, found something that cannot be read as one');
  }
}

async function readPem(path: string): Promise<string> {
  try {
    return (await readFileLimited(path, 64 * 1024)).toString('utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') throw keyInvalid(path, 'there is no such file');
    throw toBatonError(error);
  }
}

function keyInvalid(path: string, message: string): BatonError {
  return new BatonError('KEY_INVALID', `key ${path}: ${message}`, {
    hint: 'BATON_SIGNING_KEY, evidence.key or --key names a PEM file; "openssl genpkey -algorithm ed25519 -out key.pem" makes one.',
  });
}
