import { join } from 'node:path';
import { type Commit, type ObjectStore, openObjectStore } from '@baton/git';
import { silent } from '@baton/kernel';
import { type CutoverLayout, layoutRepository, layoutResult, temporaryDirectory, writeFiles } from '@baton/testkit';
import { stringify } from 'yaml';
import { applyCutover } from '../engine/apply-cutover.ts';
import { deriveTree } from '../engine/derive-tree.ts';
import { planCutover } from '../engine/plan-cutover.ts';
import { revertCutover } from '../engine/revert-cutover.ts';
import type { AppliedCutover, CutoverVerification, RevertedCutover } from '../engine/types.ts';
import { verifyCutover } from '../engine/verify-cutover.ts';
import { type LoadedCutover, loadCutover, parseCutover } from '../manifest/load-cutover.ts';
import type { Criterion, CutoverManifest, EditOperation, ScanOperation } from '../model/manifest.ts';
import type { CutoverPlan } from '../model/plan.ts';
import type { Proposal } from './proposal.ts';
import { proposeCutover } from './propose-cutover.ts';
import { type Measure, measureProposal, type ReadTree, readWhole } from './test-layouts.ts';
import { writeProposal } from './write-proposal.ts';

/** A layout in a repository of its own, what is proposed for it, and how that compares with the truth. */
export interface Proposed {
  layout: CutoverLayout;
  dir: string;
  store: ObjectStore;
  proposal: Proposal;
  measure: Measure;
}

const AUTHOR = { name: 'Zoë Quill', email: 'zoe@example.com' };

/** Proposes a cutover of a layout and looks at what the proposal alone does. */
export async function proposed(layout: CutoverLayout): Promise<Proposed> {
  const { dir } = await layoutRepository(layout);
  const store = await openObjectStore(dir);
  const tree = await store.readTree('main');
  const proposal = await proposeCutover({ tree, readBlobs: (ids) => store.readBlobs(ids), author: AUTHOR });
  const cutover = await written(parseCutover(Buffer.from(writeProposal(proposal)), 'cutover.yaml'));
  const result = await derived(store, cutover);
  return { layout, dir, store, proposal, measure: measureProposal(proposal, layout, result) };
}

async function derived(store: ObjectStore, cutover: LoadedCutover): Promise<ReadTree> {
  const { context } = await deriveTree({
    store,
    cutover,
    manifest: cutover.manifest,
    input: await store.readTree('main'),
    emit: silent,
    signal: undefined,
    cacheDir: undefined,
  });
  return await readWhole(context.output, context.readBlobs);
}

// Fragments are what a person types: checked with all the rest when the manifest is read.
async function written(manifest: CutoverManifest, fragments: readonly object[] = []): Promise<LoadedCutover> {
  const dir = temporaryDirectory('cutover');
  const whole = { ...manifest, edits: [...manifest.edits, ...fragments] };
  const text = stringify(whole, { aliasDuplicateObjects: false, lineWidth: 0 });
  await writeFiles(dir, { 'cutover.yaml': text });
  return await loadCutover(join(dir, 'cutover.yaml'));
}

/** What a person added to a proposal. */
export interface Additions {
  /** Edits that only a person can know. */
  human: number;
  /** Lines that the proposal missed. */
  missed: number;
  exceptions: number;
  losses: number;
}

/** The proposal with what a person adds: their own edits, what was missed, declared losses, and exceptions with reasons. */
export async function finished({
  layout,
  store,
  proposal,
  measure,
}: Proposed): Promise<{ cutover: LoadedCutover; additions: Additions }> {
  const { additions } = layout.truth;
  const missed = missedEdits(layout, measure);
  const manifest: CutoverManifest = {
    ...proposal.manifest,
    edits: [...proposal.manifest.edits, ...missed],
    accept: proposal.manifest.accept.map((criterion) => withLosses(layout, criterion)),
  };
  const first = await planOf(store, await written(manifest, additions.edits));
  const excepted = exceptionsFor(layout, first);
  const edited = layout.truth.human.map(({ text }) => text.trim());
  const scan = manifest.scan.map((operation, index) =>
    withExceptions(withoutExceptions(operation, edited), excepted.get(`scan[${index}]`) ?? []),
  );
  const count = [...excepted.values()].reduce((sum, list) => sum + list.length, 0);
  return {
    cutover: await written({ ...manifest, scan }, additions.edits),
    additions: {
      human: additions.edits.length,
      missed: missed.length,
      exceptions: count,
      losses: additions.losses.length,
    },
  };
}

async function planOf(store: ObjectStore, cutover: LoadedCutover): Promise<CutoverPlan> {
  return await planCutover({ store, cutover, base: 'main' });
}

function missedEdits(layout: CutoverLayout, { missed }: Measure): EditOperation[] {
  const target = new Map([...layoutResult(layout, false)].map(([path, { from }]) => [from, path]));
  const edits = new Map<string, { match: string; after: string | null; in: string; count: number }>();
  for (const { kind, path, line = 0, after = null } of missed) {
    if (kind !== 'edit') throw new Error(`a person cannot add a ${kind} of ${path} here`);
    const match = layout.files.get(path)?.bytes.toString('utf8').split(/\r?\n/)[line - 1] ?? '';
    const key = `${path}\n${match}`;
    const count = (edits.get(key)?.count ?? 0) + 1;
    edits.set(key, { in: target.get(path) ?? path, match, after, count });
  }
  return [...edits.values()].map(({ in: file, match, after, count }) => {
    const indent = /^\s*/.exec(match)?.[0] ?? '';
    const change = after === null ? { delete: true as const } : { replace: indent + after.trimStart() };
    return { lines: { in: file, match, ...change, count, reason: 'the proposal missed it' } };
  });
}

function withLosses({ truth }: CutoverLayout, criterion: Criterion): Criterion {
  if (!('parity' in criterion)) return criterion;
  const losses = truth.additions.losses
    .filter(({ old }) => old === criterion.parity.old)
    .map(({ what, reason }) => ({ what, reason }));
  return losses.length === 0 ? criterion : { ...criterion, parity: { ...criterion.parity, losses } };
}

interface Exception {
  path: string;
  text: string;
  reason: string;
}

// Only lines that the truth knows may stay, and its links; anything else that a scan finds is a fault of the proposal.
function exceptionsFor({ truth }: CutoverLayout, plan: CutoverPlan): Map<string, Exception[]> {
  const known = [
    ...truth.additions.except.map(({ path, line, reason }) => ({ path, text: line, reason })),
    ...truth.additions.links.map(({ path, link, reason }) => ({ path, text: link, reason })),
    ...truth.traps.map(({ path, text, why }) => ({ path, text: text.trim(), reason: why })),
  ];
  return new Map(
    plan.scans.map(({ operation, findings }) => [
      operation.split(' ')[0] ?? '',
      findings.flatMap(({ path, text }) => known.find((each) => each.path === path && each.text === text) ?? []),
    ]),
  );
}

function withExceptions(operation: ScanOperation, added: readonly Exception[]): ScanOperation {
  if (added.length === 0) return operation;
  if ('forbid' in operation) {
    const except = added.map(({ path, text, reason }) => ({ path, line: text, reason }));
    return { forbid: { ...operation.forbid, except: [...(operation.forbid.except ?? []), ...except] } };
  }
  if ('links' in operation)
    return {
      links: { ...operation.links, except: added.map(({ path, text, reason }) => ({ path, link: text, reason })) },
    };
  return operation;
}

/** What came of each step, and the tree that was committed. */
export interface WholeWay {
  base: Commit;
  plan: CutoverPlan;
  applied: AppliedCutover;
  verification: CutoverVerification;
  again: CutoverPlan;
  reverted: RevertedCutover;
  result: ReadTree;
}

// Who changes a line takes its exception out.
function withoutExceptions(operation: ScanOperation, edited: readonly string[]): ScanOperation {
  if (!('forbid' in operation) || operation.forbid.except === undefined) return operation;
  const except = operation.forbid.except.filter(({ line }) => !edited.includes(line));
  return { forbid: { ...operation.forbid, except } };
}

/** Plans, applies, verifies and reverts, and says what the result tree has. */
export async function wholeWay(store: ObjectStore, cutover: LoadedCutover): Promise<WholeWay> {
  const base = await store.readCommit(await store.resolveCommit('main'));
  const plan = await planOf(store, cutover);
  const applied = await applyCutover(plan, { store, cutover, expectTree: plan.commit.tree });
  const verification = await verifyCutover({ store, cutover, commit: applied.commit });
  const again = await planCutover({ store, cutover, base: applied.commit });
  const reverted = await revertCutover({ store, commit: applied.commit });
  const result = await readWhole(await store.readTree(applied.commit), (ids) => store.readBlobs(ids));
  return {
    base,
    plan,
    applied,
    verification,
    again,
    reverted,
    result,
  };
}

/** One line of the table: what was found and right, what was false, what a person added. */
export function rowOf({ layout, measure }: Proposed, additions?: Additions): string {
  const right = measure.truth - measure.missed.length;
  const share = ((right / measure.truth) * 100).toFixed(1);
  const added =
    additions === undefined
      ? ''
      : `; added: ${additions.missed} missed lines, ${additions.human} own edits, ${additions.exceptions} exceptions, ${additions.losses} losses`;
  return `${layout.seed}: ${layout.files.size} files, ${right} of ${measure.truth} places right (${share} %), ${measure.wrong.length} of ${measure.proposed} false${added}`;
}
