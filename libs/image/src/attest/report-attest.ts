import { plural, shortDigest } from '@baton/kernel';
import { table } from '@baton/report';
import type { AttestResult } from './attest-image.ts';

/** What `image attest` did, for a terminal. */
export function reportAttest({ reference, attached, unchanged }: AttestResult): string {
  const rows = attached.map(({ kind, of, payload, state, keyId }) => [
    state === 'present' ? 'already there' : 'attached',
    kind === 'signature' ? 'signature' : `${kind} ${of}`,
    shortDigest(payload),
    keyId === undefined ? 'unsigned' : `signed by key ${keyId.slice(0, 16)}`,
  ]);
  const fresh = attached.filter(({ state }) => state === 'attached').length;
  const first = unchanged ? 'nothing to attach' : `attached ${plural(fresh, 'document')}`;
  return [`${first}: ${reference}`, table(rows)].join('\n');
}
