import { plural } from '@baton/kernel';
import { explainDivergence } from '../explain/explain.ts';
import type { TreeChange, TreeRow } from '../model/observation.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Divergence } from '../model/verdict.ts';
import { maskTokens, tokensOf } from '../tokens/line-tokens.ts';
import { rulesFor } from '../tokens/token-rules.ts';
import type { SideWindows } from './channel-context.ts';
import { type ContentRules, compareContent } from './compare-content.ts';
import { checkRowName } from './row-name.ts';

/** What was found in a tree, and every channel of it that was looked at. */
export interface TreeComparison {
  channels: string[];
  divergences: Divergence[];
}

/**
 * Compares what was left in a tree: names, types, modes, links, contents, and what is gone. Rows are matched by path; stamps and
 * temporary names in the names of new things are tokens, and rows that differ in those alone are matched in the order of their names.
 */
export async function compareTree(
  tree: 'host' | 'container',
  scenario: Scenario,
  old: TreeChange,
  now: TreeChange,
  windows: { old: SideWindows; now: SideWindows },
  common: ContentRules,
): Promise<TreeComparison> {
  const comparison: TreeComparison = { channels: [], divergences: [] };
  const add = (channel: string, found: readonly Divergence[]): void => {
    comparison.channels.push(channel);
    comparison.divergences.push(...found);
  };
  const maskOf = (row: TreeRow): string => maskedPath(tree, row, scenario);
  const [wanted, got] = [Map.groupBy(old.rows, maskOf), Map.groupBy(now.rows, maskOf)];
  for (const name of [...new Set([...wanted.keys(), ...got.keys()])].sort()) {
    const [olds, news] = [inOrder(wanted.get(name)), inOrder(got.get(name))];
    for (let i = 0; i < Math.max(olds.length, news.length); i++) {
      const channel = `${tree}:${shownPath(name)}${i === 0 ? '' : `#${i + 1}`}`;
      const [one, other] = [olds[i], news[i]];
      const counts = olds.length === news.length ? '' : `: OLD has ${olds.length} of this name, NEW has ${news.length}`;
      if (one === undefined)
        add(
          channel,
          other
            ? [oneSided(channel, 'extra-file', `NEW has ${describe(other)}, and OLD has nothing there${counts}`)]
            : [],
        );
      else if (other === undefined)
        add(channel, [
          oneSided(channel, 'missing-file', `OLD has ${describe(one)}, and NEW has nothing there${counts}`),
        ]);
      else add(channel, await compareRows(channel, one, other, scenario, windows, common));
    }
  }
  for (const path of [...new Set([...old.deleted, ...now.deleted])].sort()) {
    const channel = `${tree}:${path}`;
    const [inOld, inNew] = [old.deleted.includes(path), now.deleted.includes(path)];
    if (inOld && !inNew)
      add(channel, [oneSided(channel, 'extra-file', `${channel} was laid out: OLD takes it away, NEW leaves it`)]);
    else if (inNew && !inOld)
      add(channel, [oneSided(channel, 'missing-file', `${channel} was laid out: NEW takes it away, OLD leaves it`)]);
    else add(channel, []);
  }
  if (scenario.observe.modes) add(`${tree}:/`, compareModes(`${tree}:/`, old.rootMode, now.rootMode, 'dir', scenario));
  return comparison;
}

async function compareRows(
  channel: string,
  old: TreeRow,
  now: TreeRow,
  scenario: Scenario,
  windows: { old: SideWindows; now: SideWindows },
  common: ContentRules,
): Promise<Divergence[]> {
  if (old.type !== now.type) {
    return [oneSided(channel, 'type', `${channel} is ${article(old.type)} in OLD and ${article(now.type)} in NEW`)];
  }
  const found: Divergence[] = [...checkRowName(channel, old, now, scenario, windows, common.book)];
  if (scenario.observe.modes) found.push(...compareModes(channel, old.mode, now.mode, old.type, scenario));
  if (old.target !== now.target) {
    found.push(
      oneSided(
        channel,
        'link',
        `${channel} points to ${old.target ?? 'nothing'} in OLD and to ${now.target ?? 'nothing'} in NEW`,
      ),
    );
  }
  if (old.change !== now.change && (scenario.observe.modes || (old.change !== 'mode' && now.change !== 'mode'))) {
    const message = `${channel} is ${changed(old)} in OLD and ${changed(now)} in NEW, against what was laid out`;
    const contents = old.change === 'modified' || now.change === 'modified' || old.change === now.change;
    found.push(oneSided(channel, contents ? 'bytes' : 'mode', message));
  }
  const rules = rulesFor(scenario, channel);
  found.push(...(await compareContent(channel, old.contents, now.contents, rules, windows, common)));
  return found;
}

function compareModes(
  channel: string,
  old: string | undefined,
  now: string | undefined,
  type: TreeRow['type'],
  { umask }: Scenario,
): Divergence[] {
  if (old === now) return [];
  const explain = explainDivergence({ kind: 'mode', channel, oldMode: old, newMode: now, umask, type });
  const message = `${channel} has mode ${old ?? 'as laid out'} in OLD and ${now ?? 'as laid out'} in NEW`;
  return [{ channel, kind: 'mode', message, ...(explain !== undefined && { explain }), bytes: 1 }];
}

function maskedPath(tree: string, { path, change }: TreeRow, scenario: Scenario): string {
  // What was laid out has its name from the scenario, and keeps it.
  if (change !== undefined) return Buffer.from(path).toString('latin1');
  const { kinds } = rulesFor(scenario, `${tree}:${path}`);
  const named = new Map([...kinds].filter(([kind]) => kind === 'log-stamp' || kind === 'temp-name'));
  const text = Buffer.from(path).toString('latin1');
  return maskTokens(text, tokensOf(text, { kinds: named, patterns: [] }, false).tokens);
}

// Masks are characters beyond those of bytes: no name can look like one before this. The stamp's own hyphen stays visible.
function shownPath(masked: string): string {
  const shown = masked
    .replaceAll('\u2039log-stamp\u203a', '-<log-stamp>')
    .replaceAll('\u2039temp-name\u203a', '<temp-name>');
  return Buffer.from(shown, 'latin1').toString();
}

function inOrder(rows: readonly TreeRow[] = []): TreeRow[] {
  return [...rows].sort((a, b) => (a.path < b.path ? -1 : Number(a.path > b.path)));
}

function oneSided(channel: string, kind: Divergence['kind'], message: string): Divergence {
  return { channel, kind, message, bytes: 1 };
}

function describe({ type, path, mode, contents }: TreeRow): string {
  const size =
    contents === undefined
      ? ''
      : `, ${plural(contents.kind === 'bytes' ? contents.bytes.length : contents.size, 'byte')}`;
  return `${article(type)} ${path} (mode ${mode}${size})`;
}

function article(type: TreeRow['type']): string {
  return { file: 'a file', dir: 'a directory', symlink: 'a link', other: 'something else' }[type];
}

function changed({ change }: TreeRow): string {
  return change === undefined ? 'new' : change === 'mode' ? 'changed in its mode' : 'modified';
}
