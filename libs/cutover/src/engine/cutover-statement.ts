import { type Check, statement, writeStatement } from '@baton/evidence';
import type { ObjectId } from '@baton/git';
import { sha256, VERSION } from '@baton/kernel';
import type { LoadedCutover } from '../manifest/load-cutover.ts';
import type { CriterionResult, CutoverPlan } from '../model/plan.ts';
import type { CutoverVerification } from './types.ts';

const TOOL = { name: 'baton', version: VERSION };

/** Writes what was applied: the commit and its tree, from the base and the manifest, with every check. */
export async function writeCutoverStatement(
  path: string,
  plan: CutoverPlan,
  cutover: LoadedCutover,
  commit: ObjectId,
): Promise<void> {
  const made = statement('cutover', {
    subject: [{ name: plan.name, digest: { gitCommit: commit, gitTree: plan.commit.tree } }],
    tool: TOOL,
    materials: materialsOf(plan, cutover),
    result: 'applied',
    checks: [
      ...plan.requirements.map((one) => checkOf('requirement', one)),
      ...plan.scans.map(
        ({ id, state, findings }): Check => ({
          id: `scan:${id}`,
          result: state,
          detail: `${findings.length} findings`,
        }),
      ),
      ...plan.acceptance.map((one) => checkOf('accept', one)),
      ...plan.gates.map((one) => checkOf('gate', one)),
    ],
    cutover: { manifestDigest: plan.manifestDigest, payloadDigest: plan.commit.payloadDigest },
  });
  await writeStatement(path, made);
}

/** Writes that a commit was found to be the mechanical result. */
export async function writeVerificationStatement(
  path: string,
  verification: CutoverVerification,
  cutover: LoadedCutover,
): Promise<void> {
  const { commit, parent, tree, state } = verification;
  const made = statement('cutover', {
    subject: [{ name: cutover.manifest.name, digest: { gitCommit: commit, gitTree: tree.found } }],
    tool: TOOL,
    materials: [
      { name: 'base', digest: { gitCommit: parent }, role: 'base' },
      { name: 'cutover.yaml', digest: { sha256: sha256(cutover.bytes).slice('sha256:'.length) }, role: 'manifest' },
    ],
    result: 'verified',
    checks: [{ id: 'tree', result: state === 'different' ? 'failed' : 'passed', detail: state }],
    cutover: { manifestDigest: cutover.digest },
  });
  await writeStatement(path, made);
}

function materialsOf({ base }: CutoverPlan, cutover: LoadedCutover) {
  return [
    { name: 'base', digest: { gitCommit: base.commit, gitTree: base.tree }, role: 'base' },
    { name: 'cutover.yaml', digest: { sha256: sha256(cutover.bytes).slice('sha256:'.length) }, role: 'manifest' },
    ...[...cutover.files].map(([name, bytes]) => ({
      name,
      digest: { sha256: sha256(bytes).slice('sha256:'.length) },
      role: 'input',
    })),
  ];
}

function checkOf(kind: string, { id, state, detail }: CriterionResult): Check {
  return { id: `${kind}:${id}`.toLowerCase().replace(/[^a-z0-9._:/@-]+/g, '-'), result: state, detail };
}
