import { compileGlob } from '@baton/edit';
import type { Node } from 'yaml';
import { entriesOf, itemsOf, textOf, valueAt } from '../scan/references/yaml-file.ts';

/** When a workflow starts, event by event. */
export interface Trigger {
  event: string;
  branches: readonly string[] | undefined;
  tags: readonly string[] | undefined;
  /** Everything else that can be said of an event, as texts: types, crons, inputs, outputs. */
  others: readonly string[];
  /** Undefined: every path. */
  paths: readonly string[] | undefined;
  pathsIgnored: readonly string[];
  branchesIgnored: readonly string[];
}

/** Reads `on:` in each of its three forms: an event, a list of events, a mapping. */
export function readTriggers(root: Node | undefined): Trigger[] {
  const on = valueAt(root, 'on');
  const events: [string, Node | undefined][] = itemsOf(on).map((item) => [textOf(item) ?? '', undefined]);
  // An event without settings has no value, which `entriesOf` leaves out.
  if (events.length === 0 && on !== undefined && 'items' in on) {
    for (const pair of on.items as readonly { key: unknown; value: unknown }[]) {
      const name = textOf(pair.key);
      if (name !== undefined) events.push([name, (pair.value ?? undefined) as Node | undefined]);
    }
  }
  return events.map(([event, settings]) => readTrigger(event, settings));
}

function readTrigger(event: string, settings: Node | undefined): Trigger {
  const list = (key: string): string[] | undefined => {
    const node = valueAt(settings, key);
    return node === undefined ? undefined : itemsOf(node).flatMap((item) => textOf(item) ?? []);
  };
  const names = (key: string): string[] => entriesOf(valueAt(settings, key)).map(([name]) => name);
  const [branches, tags, branchesIgnored, tagsIgnored] = [
    list('branches'),
    list('tags'),
    list('branches-ignore'),
    list('tags-ignore'),
  ];
  const any = /^(push|pull_request|pull_request_target|workflow_run)$/.test(event) ? ['**'] : [];
  const isPush = event === 'push';
  const crons = event === 'schedule' ? itemsOf(settings).flatMap((item) => textOf(valueAt(item, 'cron')) ?? []) : [];
  return {
    event,
    // Who filters tags alone gets no branches, and the other way round.
    branches: branches ?? (isPush && branchesIgnored === undefined && (tags ?? tagsIgnored) !== undefined ? [] : any),
    tags: isPush ? (tags ?? ((branches ?? branchesIgnored) === undefined || tagsIgnored !== undefined ? any : [])) : [],
    branchesIgnored: branchesIgnored ?? [],
    paths: list('paths'),
    pathsIgnored: list('paths-ignore') ?? [],
    others: [
      ...(list('types') ?? []).map((type) => `type ${type}`),
      ...(list('workflows') ?? []).map((workflow) => `workflow ${workflow}`),
      ...crons.map((cron) => `cron ${cron}`),
      ...names('inputs').map((input) => `input ${input}`),
      ...names('outputs').map((output) => `output ${output}`),
      ...names('secrets').map((secret) => `secret ${secret}`),
    ],
  };
}

/** What of the old triggers the new ones give, and what not; paths are compared by {@link lostPaths}. */
export function triggerTexts({ event, branches, tags, others }: Trigger): string[] {
  return [
    `trigger ${event}`,
    ...(branches ?? []).map((branch) => `trigger ${event} branch ${branch}`),
    ...(tags ?? []).map((tag) => `trigger ${event} tag ${tag}`),
    ...others.map((text) => `trigger ${event} ${text}`),
  ];
}

/** Whether a filter of the same event takes in what another one says: `**` every branch, `release/*` a branch of that name. */
export function coversTrigger(now: string, then: string): boolean {
  const [, head = '', wide = ''] = /^(trigger \S+ (?:branch|tag)) (.+)$/.exec(now) ?? [];
  if (head === '' || !then.startsWith(`${head} `)) return false;
  const name = then.slice(head.length + 1);
  return wide === '**' || (!/[*?+[\]!]/.test(name) && matchesFilter([wide], name));
}

/** Whether a list of GitHub filters takes a path or name in: the last one that fits decides, `!` leaves out. */
export function matchesFilter(filters: readonly string[], path: string): boolean {
  let taken = false;
  for (const filter of filters) {
    const out = filter.startsWith('!');
    if (compiled(out ? filter.slice(1) : filter)(path)) taken = !out;
  }
  return taken;
}

const filters = new Map<string, (path: string) => boolean>();

function compiled(filter: string): (path: string) => boolean {
  let matches = filters.get(filter);
  if (matches === undefined) {
    try {
      // `**` alone is every path; in the middle of a name it crosses directories, which ours does not.
      matches = filter === '**' || filter === '**/*' ? () => true : compileGlob(filter.replace(/^\.?\//, ''));
    } catch {
      matches = (path) => path === filter;
    }
    filters.set(filter, matches);
  }
  return matches;
}

/** Whether a change of this path alone starts the workflow. */
export function startsOn(trigger: Trigger, path: string): boolean {
  if (trigger.paths !== undefined) return matchesFilter(trigger.paths, path);
  return !matchesFilter(trigger.pathsIgnored, path);
}
