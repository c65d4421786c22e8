import { BatonError, plural, shortDigest } from '@baton/kernel';
import { type Descriptor, parseManifest } from '@baton/oci';
import type { Subject } from './subject.ts';
import type { ImageCheck } from './types.ts';

/** Reads what an index lists beside its images (attestations, signatures): digests and sizes, nothing of what they say. */
export async function checkAttached(others: readonly Descriptor[], subject: Subject): Promise<ImageCheck[]> {
  const checks: ImageCheck[] = [];
  for (const descriptor of others) {
    try {
      const bytes = await subject.readDocument(descriptor);
      if (bytes.byteLength !== descriptor.size) {
        throw new BatonError('DIGEST_MISMATCH', `expected ${descriptor.size} bytes, found ${bytes.byteLength}`);
      }
      const { config, layers } = parseManifest(bytes, shortDigest(descriptor.digest));
      for (const blob of [config, ...layers]) for await (const _ of subject.open(blob));
    } catch (error) {
      const detail = `what is attached as ${shortDigest(descriptor.digest)}: ${subject.faultOf(error)}`;
      checks.push({ id: 'attached', result: 'failed', detail });
    }
  }
  if (others.length > 0 && checks.length === 0) {
    const detail = `${plural(others.length, 'attestation')} beside the images: digests and sizes hold, content not judged`;
    checks.push({ id: 'attached', result: 'noted', detail });
  }
  return checks;
}
