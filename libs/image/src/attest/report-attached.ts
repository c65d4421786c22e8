import { plural, shortDigest } from '@baton/kernel';
import type { TreeNode } from '@baton/report';
import { foreignText } from './foreign-text.ts';
import type { FoundAttachment, SignatureState } from './read-attached.ts';
import type { FoundSignature } from './signature.ts';

/** What is attached to an image, as nodes of a tree: to its index, or to the manifest of one platform. */
export function attachedNodes(attached: readonly FoundAttachment[], of: string): TreeNode[] {
  return attached.filter((each) => each.of === of).map(attachedNode);
}

function attachedNode(found: FoundAttachment): TreeNode {
  const { manifest, signature, keyId, problem } = found;
  const state = signature === undefined ? '' : ` (${signatureText(signature, keyId)})`;
  return {
    label: `attached ${shortDigest(manifest)} ${whatOf(found)}${state}`,
    ...(problem === undefined ? {} : { children: [{ label: `not to be relied on: ${foreignText(problem)}` }] }),
  };
}

function whatOf({
  kind,
  packages,
  builder,
  materials,
  capability,
  result,
  predicateType,
  artifactType,
}: FoundAttachment): string {
  switch (kind) {
    case 'sbom': {
      const counts = Object.entries(packages ?? {}).map(([name, count]) => `${count} ${name}`);
      const total = Object.values(packages ?? {}).reduce((sum, count) => sum + count, 0);
      return `SBOM (SPDX): ${plural(total, 'package')}${counts.length === 0 ? '' : `: ${counts.join(', ')}`}`;
    }
    case 'provenance':
      return `provenance (SLSA v1): built by ${foreignText(builder ?? 'nobody named')} from ${plural(materials ?? 0, 'material')}`;
    case 'statement':
      return `statement ${capability ?? ''}: ${foreignText(result ?? 'no result')}`;
    default:
      return foreignText(predicateType ?? artifactType ?? 'of no type');
  }
}

/** The signatures on an image, or the word that there is none. */
export function signatureNodes(signatures: readonly FoundSignature[]): TreeNode[] {
  if (signatures.length === 0) return [{ label: 'signature: none, the image is unsigned' }];
  return signatures.map(({ state, keyId, identity, reason }) => ({
    label: `signature: ${signatureText(state, keyId)}${identity === undefined ? '' : ` as ${foreignText(identity)}`}${
      reason === undefined ? '' : `: ${reason}`
    }`,
  }));
}

/** The state of a signature in words, with the key as far as it is known. */
export function signatureText(state: SignatureState, keyId: string | undefined): string {
  const key = keyId === undefined ? 'a key that it does not name' : `key ${foreignText(keyId.slice(0, 16))}`;
  switch (state) {
    case 'unsigned':
      return 'unsigned';
    case 'valid':
      return `valid, ${key}`;
    case 'unchecked':
      return `not checked, by ${key}: no key was given`;
    case 'unknown key':
      return `unknown key: by ${key}, not by the given one`;
    default:
      return `INVALID, claims ${key}`;
  }
}
