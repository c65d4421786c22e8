import { type ObjectId, type ObjectStore, pushBranch } from '@baton/git';
import { demandLabels, type Forge, openForge, type Pace, type PullRequest } from '@baton/github';
import { BatonError, sourceDateEpoch } from '@baton/kernel';
import type * as z from 'zod';
import { applyCutover } from '../engine/apply-cutover.ts';
import { demandNotCheckedOut, demandOwn } from '../engine/choose-ref.ts';
import { NAME_TRAILER } from '../engine/commit-message.ts';
import { planCutover } from '../engine/plan-cutover.ts';
import type { AppliedCutover, ApplyOptions } from '../engine/types.ts';
import { verifyCutover } from '../engine/verify-cutover.ts';
import { fillBaseDate } from '../manifest/variables.ts';
import type { PullRequestDescription } from '../model/manifest.ts';
import type { CutoverPlan } from '../model/plan.ts';
import type { cutoverOpenOptions } from '../options.ts';
import { planError } from '../report/plan-outcome.ts';
import { judgedParts } from '../report/words.ts';
import type { CutoverIo } from '../run-cutover.ts';
import type { CutoverSource } from '../sources.ts';
import { bodyMarkers } from './merge-body.ts';
import { findBase, refsOf } from './open-base.ts';
import { changeSteps, createSteps, pushStep, refStep } from './open-steps.ts';
import { findTarget, type OpenTarget } from './open-target.ts';
import type { OpenedPullRequest } from './opened.ts';
import {
  changeOf,
  createOrFind,
  demandTitle,
  isNoChange,
  ownPullRequest,
  type WantedPullRequest,
} from './pull-request.ts';
import { generatedBody } from './pull-request-body.ts';
import { branchLease } from './remote-branch.ts';

type OpenOptions = z.output<typeof cutoverOpenOptions>;

/** What the steps of an opening share. */
interface Opening extends CutoverSource {
  options: OpenOptions;
  io: CutoverIo;
  target: OpenTarget;
  forge: Forge;
  about: PullRequestDescription;
  /** Where objects go that are fetched: the repository, or for a dry run a private one that sees it. */
  objects: ObjectStore;
}

/**
 * Plans a cutover on top of the forge's base branch as it is now, pushes it to its branch with a lease, and opens or updates its pull
 * request. A kill anywhere is finished by the next run, and there are never two pull requests.
 *
 * - What is pending does not stop it: a new pull request is then a draft, and its body shows what is open. Whether one that is there is
 *   a draft is left to people.
 * - A closed one that was not merged is not opened again: a new one is made. Where the cutover was merged, there is nothing to do.
 * - A dry run sends only what reads, and writes nothing, not even objects; it needs no token where reading is public.
 *
 * @param pace for tests: how time passes between requests
 * @throws BatonError those of `planCutover`, `applyCutover`, `pushBranch` and `Forge`; `REF_MOVED` where somebody worked on the branch
 */
export async function openCutover(
  source: CutoverSource,
  options: OpenOptions,
  io: CutoverIo,
  pace?: Partial<Pace>,
): Promise<OpenedPullRequest> {
  const { store, cutover } = source;
  const about = cutover.manifest['pull-request'] ?? { branch: `cutover/${cutover.manifest.name}` };
  const target = await findTarget(store, about, options, io);
  if (target.token === undefined && !options.dryRun) {
    throw new BatonError('FORGE_TOKEN_MISSING', `a token is needed to open a pull request in ${target.repository}`, {
      hint: `Set ${options.token} to one that may write contents, pull requests and issues (labels). --dry-run needs none for a public repository.`,
    });
  }
  const { api, repository, token } = target;
  const forge = openForge({ api, repository, token, signal: io.signal, emit: io.emit, pace });
  const opening = { ...source, options, io, target, forge, about };
  if (!options.dryRun) return await open({ ...opening, objects: store });
  return await store.withPrivateObjects([], (fetched) => open({ ...opening, objects: withRefsOf(store, fetched) }));
}

// A private store has no refs of its own.
function withRefsOf(store: ObjectStore, fetched: ObjectStore): ObjectStore {
  const resolveCommit = (revision: string): Promise<ObjectId> =>
    fetched.resolveCommit(revision).catch(() => store.resolveCommit(revision));
  return { ...fetched, resolveCommit, readRef: store.readRef, listRefs: store.listRefs, head: store.head };
}

async function open(opening: Opening): Promise<OpenedPullRequest> {
  const { cutover, io, target, forge, objects, options } = opening;
  const base = await findBase(
    { about: opening.about, requires: cutover.manifest.requires, revision: options.base },
    { forge, objects, remote: target.remote },
  );
  const committed = await objects.readCommit(base.commit);
  const epoch = sourceDateEpoch(io.env);
  const day = new Date((epoch ?? committed.time) * 1000).toISOString().slice(0, 10);
  const manifest = fillBaseDate(cutover.manifest, day);
  const about = manifest['pull-request'] ?? opening.about;
  const title = about.title ?? manifest.commit.subject;
  demandTitle(title, about['title-pattern']);
  if ((about.labels ?? []).length > 0) demandLabels(await forge.labels(), about.labels ?? [], forge.repository);
  const pulls = await forge.findPullRequests({ head: about.branch });
  const result = {
    repository: target.repository,
    base: { branch: base.branch, commit: base.commit },
    branch: about.branch,
  };
  const nothing = { ...result, commit: undefined, pending: [], steps: [], error: undefined };
  const merged = mergedBefore(pulls, cutover.manifest.name, cutover.digest);
  const ports = { emit: io.emit, signal: io.signal };
  let plan: CutoverPlan;
  try {
    plan = await planCutover(
      { store: objects, cutover, base: base.commit },
      { ...ports, forge },
      { cacheDir: io.cacheDir, sourceDateEpoch: epoch, refs: refsOf(base) },
    );
  } catch (error) {
    // After a squash whose message was rewritten, history does not tell that it is done, and its operations find nothing any more.
    const isRefused = error instanceof BatonError && error.code === 'CUTOVER_REFUSED';
    if (!isRefused || merged?.mergeCommit === undefined) throw error;
    const input = { store: objects, commit: merged.mergeCommit, cutover };
    const { state } = await verifyCutover(input, ports, { sourceDateEpoch: epoch });
    if (state === 'different') throw error;
    const notes = [`It was merged as ${merged.mergeCommit}, with the very tree of this cutover.`];
    return { ...nothing, state: 'already-done', plan: undefined, pullRequest: shown(merged), notes };
  }
  if (plan.alreadyDone !== undefined) {
    return { ...nothing, state: 'already-done', plan, pullRequest: shown(merged), notes: [] };
  }
  const error = planError(plan);
  const pending = judgedParts(plan).flatMap(({ id, state }) => (state === 'pending' ? [id] : []));
  if (error?.code === 'CUTOVER_REJECTED') {
    const notes = ['The pull request and its branch are as they were.'];
    return { ...nothing, state: 'refused', plan, pullRequest: undefined, pending, notes, error };
  }
  const wanted: WantedPullRequest = {
    name: plan.name,
    head: about.branch,
    base: base.branch,
    title,
    titlePattern: about['title-pattern'],
    generated: generatedBody(plan, manifest, title),
    above: about.body,
    labels: about.labels ?? [],
    draft: about.draft === true || pending.length > 0,
  };
  const current = ownPullRequest(pulls, wanted);
  const done = { ...result, plan, pending, error: undefined };
  if (options.dryRun) return { ...done, ...(await dryRun(opening, plan, base.head, wanted, current)) };
  return { ...done, ...(await carryOut(opening, plan, base.head, wanted, current)) };
}

function mergedBefore(pulls: readonly PullRequest[], name: string, digest: string): PullRequest | undefined {
  const { begin } = bodyMarkers(name);
  return pulls.find(({ state, body }) => state === 'merged' && body.includes(begin) && body.includes(digest));
}

type Result = Pick<OpenedPullRequest, 'state' | 'commit' | 'pullRequest' | 'steps' | 'notes'>;

async function dryRun(
  { store, objects, target, forge, about }: Opening,
  plan: CutoverPlan,
  baseHead: ObjectId,
  wanted: WantedPullRequest,
  current: PullRequest | undefined,
): Promise<Result> {
  const commit = plan.commit.id;
  const ref = `refs/heads/${about.branch}`;
  const local = await store.readRef(ref);
  if (local === undefined || local !== commit) {
    await demandNotCheckedOut(store, ref);
    await demandOwn(store, ref, { key: NAME_TRAILER, value: plan.name });
  }
  const there = await branchLease(objects, target.remote, { branch: about.branch, name: plan.name, commit, baseHead });
  const steps = [
    ...(local !== undefined && local === commit ? [] : [refStep(ref, local, commit)]),
    ...(there !== undefined && there === commit ? [] : [pushStep(target, ref, there, commit)]),
    ...(current === undefined ? createSteps(forge, wanted) : changeSteps(forge, changeOf(current, wanted))),
  ];
  const state = steps.length === 0 ? 'unchanged' : 'planned';
  return { state, commit, pullRequest: shown(current), steps, notes: notesOf(wanted, current) };
}

async function carryOut(
  { store, cutover, target, forge, about, io }: Opening,
  plan: CutoverPlan,
  baseHead: ObjectId,
  wanted: WantedPullRequest,
  current: PullRequest | undefined,
): Promise<Result> {
  const ref = `refs/heads/${about.branch}`;
  const { emit, signal } = io;
  const applied = await applyOnce(plan, { store, cutover, ref, emit, signal });
  const { commit } = applied;
  const there = await branchLease(store, target.remote, { branch: about.branch, name: plan.name, commit, baseHead });
  emit({ type: 'cutover.start', id: 'push', label: `${about.branch} to ${target.repository}` });
  const pushed = there === commit ? false : await push(store, target, { commit, ref, expect: there });
  emit({ type: 'cutover.end', id: 'push', detail: pushed ? commit : 'is there' });
  emit({ type: 'cutover.start', id: 'pull-request', label: `pull request of ${about.branch} in ${target.repository}` });
  const made =
    current === undefined
      ? await createOrFind(forge, wanted)
      : { created: false, pullRequest: current, undrafted: false };
  const change = changeOf(made.pullRequest, wanted);
  const hasFields = Object.keys(change.fields).length > 0;
  const pull = hasFields ? await forge.updatePullRequest(change.number, change.fields) : made.pullRequest;
  if (change.labels.length > 0) await forge.addLabels(change.number, change.labels);
  emit({ type: 'cutover.end', id: 'pull-request', detail: pull.url });
  const steps = [
    ...(applied.state === 'already-done' ? [] : [refStep(ref, applied.before, commit)]),
    ...(pushed ? [pushStep(target, ref, there, commit)] : []),
    ...(made.created ? createSteps(forge, wanted).slice(0, 1) : []),
    ...changeSteps(forge, change),
  ];
  const isSame = !pushed && isNoChange(change);
  return {
    state: made.created ? 'created' : isSame ? 'unchanged' : 'updated',
    commit,
    pullRequest: shown(pull),
    steps,
    notes: [
      ...notesOf(wanted, made.created ? undefined : pull),
      ...(made.undrafted ? ['This repository has no drafts, so the pull request is none.'] : []),
    ],
  };
}

// Another run that pushed the same commit in between has won nothing.
async function push(
  store: ObjectStore,
  { remote }: OpenTarget,
  { commit, ref, expect }: { commit: ObjectId; ref: string; expect: ObjectId | undefined },
): Promise<boolean> {
  try {
    return (await pushBranch({ ...remote, dir: store.dir, commit, branch: ref, expect })).state !== 'unchanged';
  } catch (error) {
    if (error instanceof BatonError && error.code === 'REF_MOVED' && error.details.found === commit) return false;
    throw error;
  }
}

// Another run that moved the branch here to the same commit in between has won nothing either.
async function applyOnce(plan: CutoverPlan, options: ApplyOptions & { ref: string }): Promise<AppliedCutover> {
  try {
    return await applyCutover(plan, options);
  } catch (error) {
    if (!(error instanceof BatonError)) throw error;
    const isThere = plan.commit.id !== undefined && (await options.store.readRef(options.ref)) === plan.commit.id;
    if (error.code === 'REF_MOVED' && isThere) return await applyCutover(plan, options);
    throw inWords(error);
  }
}

function inWords(error: BatonError): BatonError {
  if (error.code !== 'BRANCH_CHECKED_OUT') return error;
  return new BatonError(error.code, error.message, {
    hint: 'Check out another branch there: the branch of the pull request moves, and that checkout would be left behind.',
    cause: error,
  });
}

function notesOf(wanted: WantedPullRequest, current: PullRequest | undefined): string[] {
  if (current === undefined) return [];
  return [
    ...(changeOf(current, wanted).keptTitle ? [`A person gave it the title "${current.title}": it stays.`] : []),
    ...(wanted.draft && !current.draft
      ? ['It is no draft, though it would be made as one: that is left to people.']
      : []),
  ];
}

function shown(pull: PullRequest | undefined): OpenedPullRequest['pullRequest'] {
  if (pull === undefined) return undefined;
  const { number, url, title, draft } = pull;
  return { number, url, title, draft };
}
