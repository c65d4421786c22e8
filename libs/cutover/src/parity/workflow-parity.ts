import { type Node, visit } from 'yaml';
import { entriesOf, itemsOf, readYaml, textOf, valueAt } from '../scan/references/yaml-file.ts';
import { compareCapabilities, type Parity } from './capabilities.ts';
import { expandEnv, type KnownEnv, publishedByAction, publishedByScript, withEnv } from './workflow-publishing.ts';
import { coversTrigger, readTriggers, startsOn, type Trigger, triggerTexts } from './workflow-triggers.ts';

/** A workflow and where it is. */
export interface WorkflowFile {
  path: string;
  bytes: Buffer;
}

/** Paths that both trees have, by their names before and after; asked only where path filters differ. */
export type Survivors = () => Iterable<{ before: string; after: string }>;

/**
 * Compares what two workflows can do: when they start, what they may do, which checks they report, what they publish and sign. The
 * file's own name counts, because identities of signatures and branch rules are made of it. A path filter is lost when a file that
 * still exists started the old workflow by it and does not start the new one.
 */
export function workflowParity(before: WorkflowFile, after: WorkflowFile, survivors: Survivors): Parity {
  const old = readYaml(before.bytes.toString('utf8')).root;
  const now = readYaml(after.bytes.toString('utf8')).root;
  const [then, next] = [readTriggers(old), readTriggers(now)];
  const texts = [...capabilities(old), ...then.flatMap(triggerTexts), `file ${before.path}`];
  const nowTexts = [...capabilities(now), ...next.flatMap(triggerTexts), `file ${after.path}`];
  const compared = compareCapabilities(
    texts,
    nowTexts,
    (one, other) => coversTrigger(one, other) || coversPermission(one, other),
  );
  return {
    ...compared,
    losses: [...compared.losses, ...newlyIgnored(then, next), ...lostPaths(then, next, survivors)],
  };
}

function capabilities(root: Node | undefined): string[] {
  const texts: string[] = [];
  const name = textOf(valueAt(root, 'name'));
  if (name !== undefined) texts.push(`name ${name}`);
  texts.push(...permissions(root));
  if (valueAt(root, 'concurrency') !== undefined) texts.push('concurrency');
  const env = withEnv(new Map(), root);
  for (const [id, job] of entriesOf(valueAt(root, 'jobs'))) texts.push(...jobCapabilities(id, job, env));
  if (root !== undefined) {
    visit(root, {
      Scalar(_key, { value }) {
        if (typeof value !== 'string') return;
        for (const [, secret = ''] of value.matchAll(/\bsecrets\.([A-Za-z_][A-Za-z0-9_]*)/g))
          texts.push(`secret ${secret}`);
      },
    });
  }
  return texts;
}

function jobCapabilities(id: string, job: Node, outer: KnownEnv): string[] {
  const env = withEnv(outer, job);
  const texts = [`job ${id}`, `check ${expandEnv(textOf(valueAt(job, 'name')) ?? id, env)}`, ...permissions(job)];
  const environment = valueAt(job, 'environment');
  const named = textOf(environment) ?? textOf(valueAt(environment, 'name'));
  if (named !== undefined) texts.push(`environment ${expandEnv(named, env)}`);
  if (valueAt(job, 'concurrency') !== undefined) texts.push('concurrency');
  if (textOf(valueAt(job, 'secrets')) === 'inherit') texts.push('secret inherit');
  for (const [output] of entriesOf(valueAt(job, 'outputs'))) texts.push(`output ${output}`);
  const called = textOf(valueAt(job, 'uses'));
  if (called !== undefined) texts.push(`calls ${called.replace(/@.*$/, '')}`);
  for (const step of itemsOf(valueAt(job, 'steps'))) {
    const inner = withEnv(env, step);
    const uses = textOf(valueAt(step, 'uses'));
    if (uses !== undefined) texts.push(...publishedByAction(uses, valueAt(step, 'with'), inner));
    const run = textOf(valueAt(step, 'run'));
    if (run !== undefined) texts.push(...publishedByScript(run, inner));
  }
  return texts;
}

// A permission counts wherever it is given: a job's own list takes the place of the workflow's.
function permissions(node: Node | undefined): string[] {
  const granted = valueAt(node, 'permissions');
  const all = textOf(granted);
  if (all !== undefined) return [`permission all: ${all.replace(/-all$/, '')}`];
  return entriesOf(granted)
    .map(([scope, level]) => `permission ${scope}: ${textOf(level) ?? ''}`)
    .filter((text) => !text.endsWith(': none'));
}

function coversPermission(now: string, then: string): boolean {
  const [, scope, level] = /^permission (\S+): (\S+)$/.exec(now) ?? [];
  const [, wanted, least] = /^permission (\S+): (\S+)$/.exec(then) ?? [];
  if (scope === undefined || wanted === undefined) return false;
  return (scope === wanted || scope === 'all') && (level === 'write' || least === 'read');
}

function newlyIgnored(then: readonly Trigger[], next: readonly Trigger[]): string[] {
  return next.flatMap((trigger) => {
    const old = then.find(({ event }) => event === trigger.event);
    if (old === undefined) return [];
    const fresh = trigger.branchesIgnored.filter((branch) => !old.branchesIgnored.includes(branch));
    return fresh.map((branch) => `trigger ${trigger.event} branch ${branch} (now ignored)`);
  });
}

function lostPaths(then: readonly Trigger[], next: readonly Trigger[], survivors: Survivors): string[] {
  const lost = new Set<string>();
  for (const old of then) {
    const now = next.find(({ event }) => event === old.event);
    if (now === undefined || (now.paths === undefined && now.pathsIgnored.length === 0)) continue;
    for (const { before, after } of survivors()) {
      if (!startsOn(old, before) || startsOn(now, after)) continue;
      const filter = old.paths?.find((one) => startsOn({ ...old, paths: [one] }, before));
      lost.add(`trigger ${old.event} path ${filter ?? '(any other)'}`);
    }
  }
  return [...lost];
}
