import { BatonError, type Digest, isDigest } from '@baton/kernel';
import * as z from 'zod';

const sha256Digest = z.custom<Digest>(isDigest, { message: 'expected "sha256:" and 64 hexadecimal digits' });

const lockSchema = z.strictObject({
  lockVersion: z.literal(1),
  bases: z
    .record(
      z.string().min(1),
      z.strictObject({ digest: sha256Digest, mediaType: z.string().min(1), platforms: z.array(z.string()) }),
    )
    .default({}),
  npm: z
    .record(
      z.string().regex(/^@?[^@]+@[^@]+$/),
      z.strictObject({ integrity: z.string().regex(/^sha512-[A-Za-z0-9+/]{86}==$/) }),
    )
    .default({}),
  debian: z
    .record(
      z.string().min(1),
      z.record(
        z.string().min(1),
        z.strictObject({
          version: z.string().min(1),
          sha256: z.string().regex(/^[0-9a-f]{64}$/),
          size: z.int().nonnegative(),
        }),
      ),
    )
    .default({}),
});

/**
 * `image.lock.json`: what the outside parts of an image were when they were last looked at.
 *
 * `bases` by the reference as the manifest writes it; `npm` by `<name>@<version>`; `debian` by architecture (Debian's
 * name for it), then by package.
 */
export type LockFile = z.infer<typeof lockSchema>;

/** A Debian package as it was looked up; `sha256` is 64 hexadecimal digits, `size` counts bytes. */
export type LockedDebian = LockFile['debian'][string][string];

/** Reads the bytes of a lock file. Errors: `LOCK_INVALID`, naming `where` and the first thing that is wrong. */
export function parseLock(bytes: Uint8Array, where: string): LockFile {
  const hint = 'Take the last committed version back, or delete it and run "baton image lock".';
  const value = parseJson(bytes, where, hint);
  const version = typeof value === 'object' && value !== null && 'lockVersion' in value ? value.lockVersion : undefined;
  if (typeof version === 'number' && version > 1) {
    throw new BatonError('LOCK_INVALID', `${where} has lockVersion ${version}; this Baton knows 1`, {
      hint: 'It was written by a newer Baton: update this one.',
    });
  }
  const parsed = lockSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const at = issue === undefined || issue.path.length === 0 ? '' : ` at ${issue.path.join('.')}`;
  throw new BatonError('LOCK_INVALID', `${where} is not a valid lock${at}: ${issue?.message ?? 'unknown'}`, { hint });
}

function parseJson(bytes: Uint8Array, where: string, hint: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new BatonError('LOCK_INVALID', `${where} is not JSON`, { hint, cause: error });
  }
}
