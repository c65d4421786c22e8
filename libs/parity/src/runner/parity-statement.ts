import { join, resolve } from 'node:path';
import {
  type Check,
  digestSet,
  findSigner,
  readStatement,
  statement,
  subjectDigests,
  writeStatement,
} from '@baton/evidence';
import { BatonError, canonicalJson, type Digest, isDigest, plural, sha256, VERSION } from '@baton/kernel';
import type { LoadedManifest } from '@baton/manifest';
import type { Identity } from '../model/observation.ts';
import type { Scenario } from '../model/scenario.ts';
import type { ParityResult } from '../model/verdict.ts';
import { toPlain } from './buffer-json.ts';
import { toolDigest } from './tool-digest.ts';

/** Where the statement of a parity run lies. */
export function parityStatementPath(project: LoadedManifest): string {
  return join(project.dir, 'dist', 'evidence', 'parity.json');
}

/**
 * Writes what a whole run has to say about NEW: `equal`, `equal-with-divergence`, `diverged`, or `undetermined` for whatever proves
 * nothing. Its subject is NEW by digest; what went in are OLD, the scenarios and `agent.yaml`. Nothing in it depends on the machine or
 * on time, so equal runs give equal bytes.
 *
 * Returns its path; undefined for a run that is no proof by its own word: a part of the scenarios, or a noise run.
 */
export async function writeParityStatement(
  project: LoadedManifest,
  suite: readonly Scenario[],
  result: ParityResult,
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  if (result.noise || result.selection !== undefined || result.shard !== undefined) return undefined;
  const { digest } = result.new;
  if (!isDigest(digest)) return undefined;
  const path = parityStatementPath(project);
  const { key } = project.manifest.evidence;
  const signer = await findSigner({ env, key: key === undefined ? undefined : resolve(project.dir, key) });
  const made = statement('parity', {
    subject: [{ name: subjectName(project, result.new), digest: digestSet(digest) }],
    tool: { name: 'baton', version: VERSION, sourceDigest: await toolDigest() },
    materials: [
      { name: 'agent.yaml', digest: digestSet(sha256(project.bytes)), role: 'manifest' },
      { name: 'scenarios', digest: digestSet(sha256(canonicalJson(toPlain(suite)))), role: 'scenarios' },
      ...(isDigest(result.old.digest)
        ? [{ name: `old ${result.old.kind}`, digest: digestSet(result.old.digest), role: 'old' }]
        : []),
    ],
    result: resultOf(result),
    checks: checksOf(result),
    statements: await builtStatement(project, digest),
    parity: {
      tier: result.tier,
      old: { kind: result.old.kind, digest: result.old.digest },
      new: { kind: result.new.kind, digest },
      scenarios: result.scenarios.map(({ scenario, state }) => ({ scenario, state })),
    },
  });
  await writeStatement(path, made, { signer });
  return path;
}

function resultOf({
  exitCode,
  scenarios,
}: ParityResult): 'equal' | 'equal-with-divergence' | 'diverged' | 'undetermined' {
  if (exitCode === 1) return 'diverged';
  if (exitCode !== 0) return 'undetermined';
  return scenarios.some(({ state }) => state === 'declared') ? 'equal-with-divergence' : 'equal';
}

function checksOf({ scenarios, selfTest, faults }: ParityResult): Check[] {
  const count = (state: string): number => scenarios.filter((one) => one.state === state).length;
  const bad = count('diverged') + count('undetermined');
  const left = scenarios.filter(({ state }) => state === 'not-run');
  return [
    {
      id: 'scenarios',
      result: bad === 0 && scenarios.length > left.length ? 'passed' : 'failed',
      detail: `${count('equal')} equal, ${count('declared')} declared, ${count('diverged')} diverged, ${count('undetermined')} undetermined, ${left.length} not run`,
    },
    {
      id: 'self-test',
      result: selfTest.mutations > 0 && selfTest.caught === selfTest.mutations ? 'passed' : 'failed',
      detail: `${selfTest.caught} of ${plural(selfTest.mutations, 'planted difference')} found`,
    },
    ...scenarios.flatMap(({ scenario, declared }) =>
      declared.map(
        ({ declaration }): Check => ({
          id: 'declared',
          result: 'noted',
          detail: `${scenario}, ${declaration.channel}, until ${declaration.until}: ${declaration.reason}`,
        }),
      ),
    ),
    ...left.map(
      ({ scenario, reason }): Check => ({ id: 'not-run', result: 'noted', detail: `${scenario}: ${reason}` }),
    ),
    ...faults.map(({ code }): Check => ({ id: 'fault', result: 'failed', detail: code })),
  ];
}

// A path of this machine is no name: what the project publishes, or the project.
function subjectName({ manifest }: LoadedManifest, { kind }: Identity): string {
  return kind === 'container' ? (manifest.image?.repository ?? manifest.name) : manifest.name;
}

// What was compared is the image that the build's statement is about: the chain goes on from there.
async function builtStatement(project: LoadedManifest, digest: Digest): Promise<Digest[]> {
  try {
    const read = await readStatement(join(project.dir, 'dist', 'evidence', 'image.json'));
    return subjectDigests(read.statement).includes(digest) ? [read.digest] : [];
  } catch (error) {
    if (error instanceof BatonError && (error.code === 'EVIDENCE_MISSING' || error.code === 'EVIDENCE_INVALID'))
      return [];
    throw error;
  }
}
