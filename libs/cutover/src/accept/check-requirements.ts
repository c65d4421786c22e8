import type { ObjectId } from '@baton/git';
import { BatonError } from '@baton/kernel';
import type { Requirements } from '../model/manifest.ts';
import type { CriterionResult } from '../model/plan.ts';

/** What a forge knows of a commit. */
export interface ForgePort {
  /** The checks of a commit by name; `state` is what the forge says: `success`, `failure`, `pending`, `skipped`, ... */
  checks(commit: ObjectId): Promise<readonly { name: string; state: string }[]>;
}

/** What the requirements are asked of. */
export interface RequirementPorts {
  /** The base commit. */
  commit: ObjectId;
  /** The commit that a full ref name or an id names; undefined when there is none. */
  resolve(revision: string): Promise<ObjectId | undefined>;
  isAncestor(ancestor: ObjectId, commit: ObjectId): Promise<boolean>;
  /** History was cut off when it was cloned: what is not found may be further down. */
  shallow?: boolean;
  /** Changed paths of the checkout; undefined when the repository has none. */
  changes(): Promise<readonly string[] | undefined>;
  /** Undefined where no forge can be asked: then checks are pending. */
  forge?: ForgePort | undefined;
}

// What a forge says of checks that have not ended.
const UNFINISHED = new Set(['pending', 'queued', 'in_progress', 'waiting', 'requested', 'expected']);

/** Judges `requires`, one result each: `branch`, `clean`, `ancestor <id>`, `check <name>`. What cannot be asked is pending. */
export async function checkRequirements(
  requirements: Requirements | undefined,
  ports: RequirementPorts,
): Promise<CriterionResult[]> {
  const results: CriterionResult[] = [];
  if (requirements?.branch !== undefined) results.push(await checkBranch(requirements.branch, ports));
  if (requirements?.clean === true) results.push(await checkClean(ports));
  for (const ancestor of requirements?.ancestors ?? []) results.push(await checkAncestor(ancestor, ports));
  const names = requirements?.checks ?? [];
  if (names.length > 0) results.push(...(await checkForge(names, ports)));
  return results;
}

async function checkBranch(branch: string, ports: RequirementPorts): Promise<CriterionResult> {
  const shared = { id: 'branch', text: `the base is the head of ${branch}` };
  // A clone of one commit, as CI makes it, has the branch only as the remote's.
  const places = [`refs/heads/${branch}`, `refs/remotes/origin/${branch}`];
  const heads = await Promise.all(places.map((ref) => ports.resolve(ref)));
  const found = heads.find((head) => head !== undefined);
  if (found === undefined) return { ...shared, state: 'failed', detail: `there is no branch ${branch} here` };
  if (heads.includes(ports.commit)) return { ...shared, state: 'passed', detail: short(ports.commit) };
  return { ...shared, state: 'failed', detail: `expected ${branch} at ${short(ports.commit)}, found ${short(found)}` };
}

async function checkClean(ports: RequirementPorts): Promise<CriterionResult> {
  const shared = { id: 'clean', text: 'the checkout has no uncommitted changes' };
  const changed = await ports.changes();
  if (changed === undefined) return { ...shared, state: 'passed', detail: 'there is no checkout' };
  if (changed.length === 0) return { ...shared, state: 'passed', detail: 'no changes' };
  const [first = ''] = changed;
  const more = changed.length > 1 ? ` and ${changed.length - 1} more` : '';
  return { ...shared, state: 'failed', detail: `expected no changes, found ${first}${more}`, lines: changed };
}

async function checkAncestor(ancestor: string, ports: RequirementPorts): Promise<CriterionResult> {
  const shared = { id: `ancestor ${ancestor.slice(0, 12)}`, text: `the base contains ${ancestor}` };
  const commit = await ports.resolve(ancestor);
  if (commit !== undefined && (await ports.isAncestor(commit, ports.commit))) {
    return { ...shared, state: 'passed', detail: short(commit) };
  }
  const what =
    commit === undefined
      ? `there is no commit ${ancestor} here`
      : `${short(commit)} is no ancestor of ${short(ports.commit)}`;
  if (ports.shallow !== true) return { ...shared, state: 'failed', detail: what };
  return { ...shared, state: 'pending', detail: `${what}, and the clone is shallow: "git fetch --unshallow" tells` };
}

async function checkForge(names: readonly string[], { commit, forge }: RequirementPorts): Promise<CriterionResult[]> {
  const all = (state: CriterionResult['state'], detail: string): CriterionResult[] =>
    names.map((name) => ({ ...describe(name, commit), state, detail }));
  if (forge === undefined) return all('pending', 'no forge can be asked here');
  let checks: readonly { name: string; state: string }[];
  try {
    checks = await forge.checks(commit);
  } catch (error) {
    if (error instanceof BatonError && error.code.startsWith('FORGE_')) return all('pending', error.message);
    throw error;
  }
  return names.map((name) => {
    const states = checks.filter((check) => check.name === name).map(({ state }) => state.toLowerCase());
    const other = states.find((state) => state !== 'success' && !UNFINISHED.has(state));
    const open = states.find((state) => UNFINISHED.has(state));
    if (other !== undefined)
      return { ...describe(name, commit), state: 'failed', detail: `expected success, found ${other}` };
    if (open !== undefined) return { ...describe(name, commit), state: 'pending', detail: `the forge says ${open}` };
    if (states.length === 0)
      return { ...describe(name, commit), state: 'pending', detail: 'the forge has no such check yet' };
    return { ...describe(name, commit), state: 'passed', detail: 'success' };
  });
}

function describe(name: string, commit: ObjectId): Pick<CriterionResult, 'id' | 'text'> {
  return { id: `check ${name}`, text: `the check ${name} succeeded on ${short(commit)}` };
}

function short(id: ObjectId): string {
  return id.slice(0, 12);
}
