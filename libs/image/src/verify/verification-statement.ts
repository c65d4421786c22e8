import { join, resolve } from 'node:path';
import { type Check, findSigner, type Material, statement, writeStatement } from '@baton/evidence';
import { type Digest, digestHex, sha256, VERSION } from '@baton/kernel';
import type { LoadedManifest } from '@baton/manifest';
import type { ImageIo } from '../types.ts';
import type { ComposeFile } from './compose-file.ts';
import type { Subject } from './subject.ts';
import type { ImageCheck, Verification } from './types.ts';

/** What a verification was made from. */
export interface VerifiedFrom {
  subject: Subject;
  project: LoadedManifest | undefined;
  compose: ComposeFile | undefined;
}

/**
 * Writes what a verification has to say: these checks hold for this digest (`verified`), or not all of them do
 * (`diverged`, which nothing accepts as proof). Nothing in it depends on the machine: not where the image was read from,
 * not how its program was started, not why something could not be done. Returns its path; undefined when there is no
 * place for one (no project, no `--statement`).
 */
export async function writeVerification(
  made: Verification,
  from: VerifiedFrom,
  options: { statement?: string | undefined },
  io: ImageIo,
): Promise<string | undefined> {
  const { project, subject } = from;
  const place = options.statement ?? (project && join(project.dir, 'dist', 'evidence', 'verify.json'));
  if (place === undefined) return undefined;
  const path = resolve(place);
  const key = project?.manifest.evidence.key;
  const signer = await findSigner({
    env: io.env,
    key: key === undefined || project === undefined ? undefined : resolve(project.dir, key),
  });
  const facts = {
    subject: [{ name: subject.name, digest: { sha256: digestHex(subject.top.digest) } }],
    tool: { name: 'baton', version: VERSION },
    materials: materialsOf(from),
    result: made.verdict === 'verified' ? ('verified' as const) : ('diverged' as const),
    checks: made.checks.map(statementCheck),
    statements: reliedOn(subject),
    verify: {
      platforms: made.platforms.map(({ platform, manifest, config, layers }) => ({
        platform,
        manifest: manifest.digest,
        config,
        layers,
      })),
    },
  };
  await writeStatement(path, statement('verify', facts), { signer });
  return path;
}

function materialsOf({ project, compose }: VerifiedFrom): Material[] {
  const materials: Material[] = [];
  if (project !== undefined) materials.push(material('agent.yaml', project.bytes, 'manifest'));
  if (compose !== undefined) materials.push(material(compose.name, compose.bytes, 'compose'));
  return materials;
}

function material(name: string, bytes: Buffer, role: string): Material {
  return { name, digest: { sha256: digestHex(sha256(bytes)) }, role };
}

function reliedOn({ published }: Subject): Digest[] {
  return published === undefined ? [] : [published.digest];
}

function statementCheck({ id, platform, result, detail }: ImageCheck): Check {
  // An index may list any text as a platform; the ID of a check may not be any text.
  const about = platform === undefined ? '' : `${platform.toLowerCase().replace(/[^a-z0-9._/-]/g, '-')}:`;
  // Why something could not be done is the machine's affair.
  if (result === 'pending') return { id: `${about}${id}`, result };
  return { id: `${about}${id}`, result, detail: detail.replaceAll('\0', ' ') };
}
