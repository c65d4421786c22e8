import { type Digest, isDigest } from '@baton/kernel';

/** What a manifest refers to, when it does. */
export function subjectOf(bytes: Buffer): Digest | undefined {
  try {
    const { subject } = JSON.parse(bytes.toString('utf8')) as { subject?: { digest?: unknown } | null };
    return isDigest(subject?.digest) ? subject.digest : undefined;
  } catch {
    return undefined;
  }
}
