import { attachedDocument, imageInspectOptions, inspectImage, reportInspection } from '@baton/image';
import { BatonError, type Json, prettyJson } from '@baton/kernel';
import { defineCommand } from '../command.ts';

/** `baton image inspect`. */
export const imageInspect = defineCommand(imageInspectOptions, async ({ sbom, provenance, ...options }, context) => {
  if (sbom && provenance) throw new BatonError('USAGE', '--sbom and --provenance exclude each other');
  if (sbom || provenance) {
    const document = await attachedDocument(options, sbom ? 'sbom' : 'provenance', context);
    return { result: document, text: prettyJson(document as Json).toString('utf8') };
  }
  const result = await inspectImage(options, context);
  return { result, text: reportInspection(result) };
});
