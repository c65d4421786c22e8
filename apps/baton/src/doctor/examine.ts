import type { LoadedManifest } from '@baton/manifest';
import { findCredentials } from './credentials.ts';
import { findEngine } from './engine.ts';
import type { DoctorIo, Finding } from './finding.ts';
import { findGit } from './git.ts';
import { findCache, findIsolation, findNode } from './machine.ts';
import { findBundleCommand, needsOf } from './needs.ts';
import { findPrograms } from './programs.ts';

/** Looks at everything that Baton may use, and marks what the manifest at hand cannot do without. Changes nothing. */
export async function examine(manifest: LoadedManifest | undefined, io: DoctorIo): Promise<Finding[]> {
  const needs = manifest === undefined ? new Map<string, string>() : needsOf(manifest);
  const [git, programs, isolation, engine, credentials, cache, bundle] = await Promise.all([
    findGit('.', io),
    findPrograms(io),
    findIsolation(io),
    findEngine(io),
    findCredentials(io),
    findCache(io),
    manifest === undefined ? undefined : findBundleCommand(manifest, io),
  ]);
  const findings = [findNode(), git, ...programs, isolation, engine, credentials, cache];
  if (bundle !== undefined) findings.push(bundle);
  return findings.map((finding) => {
    const neededFor = needs.get(finding.id) ?? finding.neededFor;
    return neededFor === undefined ? finding : { ...finding, neededFor };
  });
}
