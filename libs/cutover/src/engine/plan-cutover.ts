import { type Commit, inspectCheckout, type NewObject, type Tree } from '@baton/git';
import { sha256, silent } from '@baton/kernel';
import { checkRequirements } from '../accept/check-requirements.ts';
import { runAcceptance } from '../accept/run-acceptance.ts';
import { runGates } from '../accept/run-gates.ts';
import { fillBaseDate } from '../manifest/variables.ts';
import type { CutoverPlan, PlannedCommit } from '../model/plan.ts';
import { runScans } from '../scan/run-scans.ts';
import { cutoverMessage, identities } from './commit-message.ts';
import { deriveTree } from './derive-tree.ts';
import { doneBefore } from './done-before.ts';
import type { CutoverInput, CutoverPorts, PlanOptions } from './types.ts';

/**
 * Computes what a cutover would do: changes nothing, writes no object.
 *
 * @throws BatonError `CUTOVER_REFUSED` with every problem in `details.problems`, `GENERATOR_FAILED`; failed scans and criteria are
 *   in the plan
 */
export async function planCutover(
  input: CutoverInput,
  ports: CutoverPorts = {},
  options: PlanOptions = {},
): Promise<CutoverPlan> {
  const { store, cutover } = input;
  const emit = ports.emit ?? silent;
  emit({ type: 'cutover.start', id: 'plan', label: cutover.manifest.name });
  const base = await store.readCommit(await store.resolveCommit(input.base));
  const tree = await store.readTree(base.id);
  const done = await doneBefore(store, cutover.digest, base.id, tree);
  if (done !== undefined) {
    emit({ type: 'cutover.end', id: 'plan', detail: 'already done' });
    return donePlan(input, base, tree, await store.readCommit(done));
  }
  return await derivePlan(input, base, tree, ports, options);
}

/** The plan of a base, whatever its history says. */
export async function derivePlan(
  { store, cutover }: CutoverInput,
  base: Commit,
  input: Tree,
  ports: CutoverPorts,
  options: PlanOptions,
): Promise<CutoverPlan> {
  const emit = ports.emit ?? silent;
  const { signal, forge } = ports;
  const day = new Date((options.sourceDateEpoch ?? base.time) * 1000).toISOString().slice(0, 10);
  const manifest = fillBaseDate(cutover.manifest, day);
  const checks = options.checks !== 'none';
  const requirements = checks
    ? await checkRequirements(manifest.requires, {
        commit: base.id,
        resolve: async (revision) =>
          options.refs?.[revision] ?? (await store.resolveCommit(revision).catch(() => undefined)),
        isAncestor: (ancestor, commit) => store.isAncestor(ancestor, commit),
        shallow: store.shallow,
        changes: () => changesOf(options.checkout),
        forge,
      })
    : [];
  const cacheDir = options.cacheDir;
  const derived = await deriveTree({ store, cutover, manifest, input, emit, signal, cacheDir });
  const { author, committer } = identities(manifest.commit, base, options.sourceDateEpoch);
  const message = cutoverMessage(manifest.commit, { digest: cutover.digest, name: manifest.name, input: base.tree });
  const commit = store.commitObject({ tree: derived.id, parents: [base.id], author, committer, message });
  const scans = checks ? await runScans(derived.context, manifest.scan) : [];
  const acceptance = checks ? await runAcceptance(derived.context, manifest.accept) : [];
  const gates = checks ? await runGates(manifest.gates, { directory: cutover.dir ?? store.dir }) : [];
  emit({ type: 'cutover.end', id: 'plan', detail: `tree ${derived.id.slice(0, 12)}` });
  return {
    name: manifest.name,
    manifestDigest: cutover.digest,
    base: { commit: base.id, tree: base.tree },
    ...(derived.id === base.tree ? { alreadyDone: { commit: base.id, why: 'tree' as const } } : {}),
    paths: derived.paths,
    edits: derived.edits,
    generated: derived.generated,
    accounting: derived.accounting,
    scans,
    acceptance,
    gates,
    requirements,
    commit: planned(
      commit,
      { tree: derived.id, parents: [base.id], author, committer, message },
      manifest.commit.sign !== undefined,
    ),
    objects: derived.id === base.tree ? [] : [...derived.objects, commit],
  };
}

function planned(
  commit: NewObject,
  fields: Pick<PlannedCommit, 'tree' | 'parents' | 'author' | 'committer' | 'message'>,
  signed: boolean,
): PlannedCommit {
  return { ...(signed ? {} : { id: commit.id }), ...fields, payloadDigest: sha256(commit.bytes), signed };
}

// Nothing is looked at in a tree that has the cutover: its operations would find other things, or nothing.
function donePlan({ cutover }: CutoverInput, base: Commit, tree: Tree, done: Commit): CutoverPlan {
  const { leaves } = tree;
  return {
    name: cutover.manifest.name,
    manifestDigest: cutover.digest,
    base: { commit: base.id, tree: base.tree },
    alreadyDone: { commit: done.id, why: 'trailer' },
    paths: [],
    edits: [],
    generated: [],
    accounting: {
      input: leaves,
      kept: leaves,
      moved: 0,
      deleted: 0,
      replaced: 0,
      output: leaves,
      created: 0,
      edited: 0,
      unexplained: [],
      byDirectory: [],
    },
    scans: [],
    acceptance: [],
    gates: [],
    requirements: [],
    commit: {
      id: done.id,
      tree: done.tree,
      parents: done.parents,
      author: done.author,
      committer: done.committer,
      message: done.message,
      payloadDigest: sha256(done.bytes),
      signed: cutover.manifest.commit.sign !== undefined,
    },
    objects: [],
  };
}

async function changesOf(checkout: string | undefined): Promise<readonly string[] | undefined> {
  const state = checkout === undefined ? undefined : await inspectCheckout(checkout);
  if (state === undefined) return undefined;
  return [...new Set([...state.modified, ...state.staged, ...state.unmerged])].sort();
}
