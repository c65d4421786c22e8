import { BatonError, toBatonError } from '@baton/kernel';
import { type LoadedManifest, loadManifest, MANIFEST_NAME } from '@baton/manifest';
import * as z from 'zod';
import { defineCommand } from '../command.ts';
import { examine } from '../doctor/examine.ts';
import { lackError, reportFindings } from '../doctor/report-doctor.ts';

/** `baton doctor`. */
export const doctor = defineCommand(z.strictObject({}), async (_options, context) => {
  const manifest = await manifestHere();
  if (manifest instanceof BatonError) {
    const findings = await examine(undefined, context);
    return { result: { manifest: null, findings }, text: reportFindings(findings, 'invalid'), error: manifest };
  }
  const findings = await examine(manifest, context);
  return {
    result: { manifest: manifest?.path ?? null, findings },
    text: reportFindings(findings, manifest === undefined ? 'none' : 'valid'),
    error: manifest === undefined ? undefined : lackError(findings, MANIFEST_NAME),
  };
});

/** The manifest in this directory; undefined where there is none, the error where it is not valid. */
async function manifestHere(): Promise<LoadedManifest | BatonError | undefined> {
  try {
    return await loadManifest('.');
  } catch (error) {
    const known = toBatonError(error);
    return known.code === 'MANIFEST_NOT_FOUND' ? undefined : known;
  }
}
