import { readStatement, subjectDigests } from '@baton/evidence';
import { BatonError } from '@baton/kernel';
import type { LoadedManifest } from '@baton/manifest';
import { statementPath } from '../statements.ts';
import type { OwnLayers } from './check-native.ts';
import type { ReadPlatform } from './read-documents.ts';
import type { Subject } from './subject.ts';

/**
 * Which layers of a platform the agent itself brought: as the statement of the build says when it is about this image,
 * else those that the image's history says Baton made; undefined where neither tells.
 */
export async function ownLayers(
  platform: ReadPlatform,
  project: LoadedManifest | undefined,
  subject: Subject,
): Promise<OwnLayers> {
  const said = project === undefined ? undefined : await fromStatement(project, platform, subject);
  return said ?? fromHistory(platform);
}

async function fromStatement(project: LoadedManifest, platform: ReadPlatform, subject: Subject): Promise<OwnLayers> {
  try {
    const { statement } = await readStatement(statementPath(project, 'image'));
    if (!subjectDigests(statement).includes(subject.top.digest)) return undefined;
    const { image } = statement.predicate as { image?: { platforms?: { manifest?: string; layers?: unknown[] }[] } };
    const about = image?.platforms?.find(({ manifest }) => manifest === platform.descriptor.digest);
    if (!Array.isArray(about?.layers) || about.layers.length !== platform.manifest.layers.length) return undefined;
    return own(about.layers.map((layer) => (layer as { origin?: unknown }).origin === 'own'));
  } catch (error) {
    // Only a guess better than the history: a statement that is damaged is for others to complain about.
    if (error instanceof BatonError) return undefined;
    throw error;
  }
}

function fromHistory({ manifest, config }: ReadPlatform): OwnLayers {
  const entries = (config.history ?? []).filter((entry) => entry.empty_layer !== true);
  if (entries.length !== manifest.layers.length) return undefined;
  const made = entries.map(({ created_by = '' }) => created_by.startsWith('baton: '));
  return made.includes(true) ? own(made) : undefined;
}

function own(flags: readonly boolean[]): ReadonlySet<number> {
  return new Set(flags.flatMap((isOwn, i) => (isOwn ? [i] : [])));
}
