import { join } from 'node:path';
import type { LoadedManifest } from '@baton/manifest';
import { openStore, type RegistryClient } from '@baton/oci';
import type { BaseBlobs } from '../base-blobs.ts';
import { imageSection } from '../image-section.ts';
import { documentsIn } from '../read-document.ts';
import type { PublishTarget } from '../registries.ts';
import { readImage } from '../sparse-layout.ts';
import type { Attached, ImageIo } from '../types.ts';
import type { EngineRecord } from './engine-record.ts';
import type { Found } from './find-published.ts';
import type { ResolvedEnginePublish } from './resolve-publish.ts';

/**
 * Attaches to a pushed image what the manifest wants: the statement of its build, provenance, a signature.
 *
 * What the steps of a Dockerfile brought is read from the pushed layers, each once on a machine.
 */
export async function attachToPushed(
  project: LoadedManifest,
  pushed: { target: PublishTarget; top: Found; record: EngineRecord; proof: ResolvedEnginePublish['proof'] },
  client: RegistryClient,
  io: ImageIo,
): Promise<Attached[]> {
  const section = imageSection(project);
  if (section.attest.length === 0) return [];
  const { target, top, record, proof } = pushed;
  const { descriptor } = top;
  const read = documentsIn(client, target.repository, top);
  const layers: BaseBlobs = {
    title: target.repository,
    mountFrom: undefined,
    remote: true,
    open: (blob) => client.getBlob(target.repository, blob),
  };
  const [{ planAttachments }, { lookAttachments, putAttachmentBlobs, putAttachments }] = await Promise.all([
    import('../attest/plan-attachments.ts'),
    import('../attest/put-attachments.ts'),
  ]);
  const facts = {
    target,
    store: openStore(join(io.cacheDir, 'v1')),
    image: await readImage(descriptor, `${target.registry}/${target.repository}`, read),
    revision: record.revision,
    version: undefined,
    tags: [],
    templates: [],
    ...proof,
  };
  const attachments = await planAttachments(project, section, facts, layers, io, { byEngine: true });
  for (const note of attachments.notes) io.emit({ type: 'note', label: note });
  const made = await attachments.make();
  if (made.length === 0) return [];
  const place = { client, repository: target.repository };
  const look = await lookAttachments(made, attachments.signer, place);
  const missing = made.filter((each) => !look.present.has(each));
  if (missing.length > 0) await putAttachmentBlobs(missing, place);
  return await putAttachments(made, attachments.signer, look, place, io.emit);
}
