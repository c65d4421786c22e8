import { printNodePath } from '@baton/edit';
import type { EditOperation } from '../model/manifest.ts';
import { workflowParity } from '../parity/workflow-parity.ts';
import { publishedByAction, publishedByScript, withEnv } from '../parity/workflow-publishing.ts';
import { itemsOf, readYaml, textOf, valueAt } from '../scan/references/yaml-file.ts';
import { type DataNode, dataNodes, nodeAt } from './data-nodes.ts';
import { oldLanguage, oldWords, wordPattern } from './judge-words.ts';
import type { Moves } from './moves.ts';
import type { Pair } from './proposal.ts';

/** What the old workflow does and the new one does not, as far as nodes can be brought over. */
export function carryOperations(moves: Moves, pair: Pair): EditOperation[] {
  const old = dataNodes(pair.old, moves.listing.texts.get(pair.old) ?? '');
  const fresh = dataNodes(pair.new, moves.listing.texts.get(pair.new) ?? '');
  if (pair.kind !== 'workflow' || old === undefined || fresh === undefined) return [];
  const losses = lossesOf(moves, pair);
  const isLost = (start: string): boolean => losses.some((what) => what === start || what.startsWith(`${start} `));
  const carry = (
    node: readonly (string | number)[],
    to: readonly (string | number)[],
    reason: string,
    more: { at?: 'start' | 'end' } = {},
  ): EditOperation => ({
    'yaml.carry': { in: pair.old, from: pair.old, node: printNodePath(node), to: printNodePath(to), ...more, reason },
  });
  const found: EditOperation[] = [];
  for (const path of missingKeys(old, fresh, ['on'])) {
    if (isLost(`trigger ${path.at(-1)}`))
      found.push(carry(path, path.slice(0, -1), 'a trigger that only the old one has'));
  }
  for (const { key, node } of nodeAt(fresh, ['on'])?.entries ?? []) {
    if (node.kind !== 'map' || !isLost(`trigger ${key}`)) continue;
    // Paths are about where the files are, and those of the new one follow its moves.
    found.push(
      ...missingKeys(old, fresh, ['on', key])
        .filter((path) => !/^paths/.test(String(path.at(-1))))
        .map((path) => carry(path, path.slice(0, -1), 'a trigger that only the old one has')),
    );
  }
  for (const path of missingKeys(old, fresh, ['permissions'])) {
    if (isLost(`permission ${path.at(-1)}:`))
      found.push(carry(path, path.slice(0, -1), 'a permission that only the old one has'));
  }
  for (const [from, to] of jobPairs(moves, old, fresh)) {
    const [before, after] = [nodeAt(old, ['jobs', from]), nodeAt(fresh, ['jobs', to])];
    const permissions = nodeAt(before, ['permissions']);
    if (permissions !== undefined && nodeAt(after, ['permissions']) === undefined && isLost('permission'))
      found.push(
        carry(['jobs', from, 'permissions'], ['jobs', to], 'only the old job has permissions', { at: 'start' }),
      );
    for (const { key } of permissions?.entries ?? []) {
      const mine = nodeAt(after, ['permissions']);
      if (mine?.kind === 'map' && !mine.entries.some((entry) => entry.key === key) && isLost(`permission ${key}:`))
        found.push(
          carry(
            ['jobs', from, 'permissions', key],
            ['jobs', to, 'permissions'],
            'a permission that only the old one has',
          ),
        );
    }
    for (const index of publishingSteps(moves, pair, from, losses)) {
      const step = nodeAt(before, ['steps', index]);
      if (step === undefined || (nodeAt(after, ['steps'])?.items ?? []).some((each) => isSameStep(step, each)))
        continue;
      found.push(
        carry(['jobs', from, 'steps', index], ['jobs', to, 'steps'], 'a step that only the old one has', { at: 'end' }),
      );
    }
  }
  return found;
}

function missingKeys(old: DataNode, fresh: DataNode, path: readonly string[]): (readonly (string | number)[])[] {
  const [before, after] = [nodeAt(old, path), nodeAt(fresh, path)];
  if (before?.kind !== 'map' || after?.kind !== 'map') return [];
  return before.entries
    .filter(({ key }) => !after.entries.some((entry) => entry.key === key))
    .map(({ key }) => [...path, key]);
}

// The same job has the same id, but for the name of the new one in it.
function jobPairs(moves: Moves, old: DataNode, fresh: DataNode): [string, string][] {
  const ids = (nodeAt(old, ['jobs'])?.entries ?? []).map(({ key }) => key);
  return (nodeAt(fresh, ['jobs'])?.entries ?? []).flatMap(({ key }): [string, string][] => {
    const plain = moves.renames.reduce((name, { from, to }) => name.replace(from, to), key);
    const same = ids.find((id) => id === key) ?? ids.find((id) => id === plain);
    return same === undefined ? [] : [[same, key]];
  });
}

// As if nothing were carried over; what paths filter is judged when the plan knows all files.
function lossesOf({ listing }: Moves, pair: Pair): readonly string[] {
  const file = (path: string) => ({ path: pair.old, bytes: Buffer.from(listing.texts.get(path) ?? '') });
  return workflowParity(file(pair.old), file(pair.new), () => []).losses;
}

/** Steps of an old job that publish, sign or use what would be lost; those of the old toolchain stay behind. */
function publishingSteps(moves: Moves, pair: Pair, job: string, losses: readonly string[]): number[] {
  const words = wordPattern(
    oldWords(moves.layout, moves.listing).filter((word) => word !== oldLanguage(moves.layout).name),
  );
  const { root } = readYaml(moves.listing.texts.get(pair.old) ?? '');
  const node = valueAt(valueAt(root, 'jobs'), job);
  const env = withEnv(withEnv(new Map(), root), node);
  return itemsOf(valueAt(node, 'steps')).flatMap((step, index) => {
    const text = JSON.stringify(step);
    const inner = withEnv(env, step);
    const secrets = [...text.matchAll(/\bsecrets\.(\w+)/g)].map(([, name]) => `secret ${name}`);
    const does = [
      ...publishedByAction(textOf(valueAt(step, 'uses')) ?? '', valueAt(step, 'with'), inner),
      ...publishedByScript(textOf(valueAt(step, 'run')) ?? '', inner),
      ...secrets,
    ];
    return does.some((what) => losses.includes(what)) && !words.test(text) ? [index] : [];
  });
}

function isSameStep(one: DataNode, other: DataNode): boolean {
  const names = new Set(stepNames(one));
  return stepNames(other).some((name) => names.has(name));
}

function stepNames(step: DataNode): string[] {
  return ['name', 'uses', 'id'].flatMap((key) => {
    const value = nodeAt(step, [key])?.value;
    return typeof value === 'string' ? [`${key} ${value.replace(/@.*$/, '')}`] : [];
  });
}
