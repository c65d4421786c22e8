import {
  type Commit,
  finishCarry,
  type NewObject,
  type ObjectId,
  type ObjectStore,
  signCommit,
  unsignedPayload,
} from '@baton/git';
import { BatonError, plural, sha256, silent } from '@baton/kernel';
import type { CriterionResult, CutoverPlan } from '../model/plan.ts';
import { defaultRef, fullRef } from './choose-ref.ts';
import { NAME_TRAILER } from './commit-message.ts';
import { writeCutoverStatement } from './cutover-statement.ts';
import { landCommit } from './land-commit.ts';
import type { AppliedCutover, ApplyOptions } from './types.ts';

/**
 * Carries out a plan: writes its objects, moves one branch by compare-and-swap, and brings a checkout along when asked. What is
 * pending does not stop it: a commit on a branch of its own can wait; a pull request shows it.
 *
 * @throws BatonError `CUTOVER_REJECTED`, `CUTOVER_TREE_MISMATCH`, `REF_MOVED`, `REF_REFUSED`, `BRANCH_CHECKED_OUT`, `REPOSITORY_DIRTY`,
 *   `REPOSITORY_BUSY`, `UNTRACKED_IN_WAY`, `SIGNING_FAILED`
 */
export async function applyCutover(plan: CutoverPlan, options: ApplyOptions): Promise<AppliedCutover> {
  const { store, cutover, checkout, signal, emit = silent } = options;
  if (plan.manifestDigest !== cutover.digest) {
    throw new BatonError(
      'CUTOVER_TREE_MISMATCH',
      `the plan was made of ${plan.manifestDigest}, and the manifest is ${cutover.digest}`,
      {
        hint: 'The manifest changed after it was planned: plan again.',
      },
    );
  }
  demandTree(plan, options.expectTree);
  if (plan.alreadyDone !== undefined) return await doneAlready(plan, plan.alreadyDone.commit, options);
  demandPassed(plan);
  const ref = options.ref === undefined ? undefined : fullRef(options.ref);
  const target = ref ?? (checkout === undefined ? defaultRef(cutover.manifest) : undefined);
  const signed = await withSignature(plan, options, target);
  emit({ type: 'cutover.start', id: 'apply', label: cutover.manifest.name });
  const landed = await landCommit({
    store,
    objects: signed.objects,
    commit: signed.commit,
    base: plan.base.commit,
    ref: target,
    checkout,
    own: { key: NAME_TRAILER, value: plan.name },
    renames: plan.paths.flatMap(({ entries }) =>
      entries.flatMap(({ from, to }) => (from === undefined || to === undefined ? [] : [{ from, to }])),
    ),
    reason: `cutover ${plan.name}`,
    committer: plan.commit.committer,
    signal,
  });
  emit({ type: 'cutover.end', id: 'apply', detail: landed.ref ?? signed.commit });
  return {
    state: landed.already ? 'already-done' : 'applied',
    commit: signed.commit,
    tree: plan.commit.tree,
    ...(landed.ref === undefined ? {} : { ref: landed.ref }),
    ...(landed.before === undefined ? {} : { before: landed.before }),
    ...(checkout === undefined ? {} : { checkout: { dir: checkout, leftovers: landed.leftovers } }),
    ...(await stated(plan, signed.commit, options)),
  };
}

async function doneAlready(plan: CutoverPlan, commit: ObjectId, options: ApplyOptions): Promise<AppliedCutover> {
  // The branch may have moved before a kill, and its checkout be half way behind it.
  const finished = options.checkout === undefined ? undefined : await finishCarry(options.checkout);
  return {
    state: 'already-done',
    commit,
    tree: plan.commit.tree,
    ...(finished === undefined || options.checkout === undefined
      ? {}
      : { checkout: { dir: options.checkout, leftovers: finished.leftovers } }),
    ...(await stated(plan, commit, options)),
  };
}

async function stated(
  plan: CutoverPlan,
  commit: ObjectId,
  { statement, cutover }: ApplyOptions,
): Promise<{ statement?: string }> {
  if (statement === undefined) return {};
  await writeCutoverStatement(statement, plan, cutover, commit);
  return { statement };
}

function demandTree(plan: CutoverPlan, expected: ObjectId | undefined): void {
  const { tree } = plan.commit;
  if (expected === undefined || expected === tree) return;
  throw new BatonError('CUTOVER_TREE_MISMATCH', `the tree would be ${tree}, and ${expected} was approved`, {
    hint: 'The base or the manifest changed since: look at the plan again, and approve its tree.',
    details: { expected, found: tree },
  });
}

function demandPassed(plan: CutoverPlan): void {
  const scans = plan.scans
    .filter(({ state }) => state === 'failed')
    .map(({ id, findings, unusedExceptions }) => {
      const parts = [
        ...(findings.length === 0 ? [] : [plural(findings.length, 'finding')]),
        ...(unusedExceptions.length === 0 ? [] : [plural(unusedExceptions.length, 'unused exception')]),
      ];
      return `${id}: ${parts.join(', ')}`;
    });
  const criteria = [plan.requirements, plan.acceptance, plan.gates].flatMap((list: readonly CriterionResult[]) =>
    list.filter(({ state }) => state === 'failed').map(({ id, detail }) => `${id}: ${detail}`),
  );
  const failed = [...criteria, ...scans];
  const [first, ...others] = failed;
  if (first === undefined) return;
  throw new BatonError('CUTOVER_REJECTED', `the result does not pass: ${first}`, {
    hint: [
      ...(others.length === 0 ? [] : [`${plural(others.length, 'more failure')}:`, ...others.map((one) => `  ${one}`)]),
      'Nothing was written. "baton cutover plan" shows all of it.',
    ].join('\n'),
    details: { failed },
  });
}

// A signature differs from run to run, so one that is there already, of the same payload, is kept.
async function withSignature(
  plan: CutoverPlan,
  { store, cutover, checkout }: ApplyOptions,
  ref: string | undefined,
): Promise<{ commit: ObjectId; objects: readonly NewObject[] }> {
  const { sign } = cutover.manifest.commit;
  const unsigned = plan.objects.at(-1);
  if (unsigned === undefined) throw new BatonError('INTERNAL', 'a plan without a commit');
  if (sign === undefined) return { commit: unsigned.id, objects: plan.objects };
  const there = checkout === undefined && ref !== undefined ? await commitAt(store, ref) : undefined;
  if (there !== undefined && isSigned(there) && sha256(unsignedPayload(there.bytes)) === plan.commit.payloadDigest) {
    return { commit: there.id, objects: plan.objects.slice(0, -1) };
  }
  const signed = await signCommit(store.format, unsigned, sign);
  if (sha256(unsignedPayload(signed.bytes)) !== plan.commit.payloadDigest) {
    throw new BatonError('SIGNING_FAILED', 'the signed commit is another one than the plan has');
  }
  return { commit: signed.id, objects: [...plan.objects.slice(0, -1), signed] };
}

async function commitAt(store: ObjectStore, ref: string): Promise<Commit | undefined> {
  const id = await store.readRef(ref);
  return id === undefined ? undefined : await store.readCommit(id);
}

function isSigned({ headers }: Commit): boolean {
  return headers.some(([name]) => name.startsWith('gpgsig'));
}
