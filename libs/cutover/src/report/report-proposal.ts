import { displayPath } from '@baton/git';
import { plural } from '@baton/kernel';
import { table, tree, visibleText } from '@baton/report';
import type { Place } from '../init/proposal.ts';
import type { InitResult } from '../init-cutover.ts';

/** Places of one decision that are drawn; the rest is in the JSON. */
const LIMIT = 60;

/** What was found and proposed, for a terminal; after a dry run with the manifest itself. */
export function reportProposal({ proposal, text, written }: InitResult): string {
  const { layout, manifest, places, losses } = proposal;
  const facts = table([
    ['component', displayPath(layout.component)],
    ['old', `${layout.old.map(displayPath).join(', ')} (${layout.oldLanguage})`],
    ['new', `${displayPath(layout.nested)} (${layout.newLanguage})`],
    ...layout.pairs.map(({ kind, old, new: now }) => [kind, `${displayPath(now)} takes the name ${displayPath(old)}`]),
    ...(layout.collisions.length === 0 ? [] : [['on both sides', layout.collisions.map(displayPath).join(', ')]]),
    [
      'proposed',
      `${plural(manifest.paths.length, 'path operation')}, ${plural(manifest.edits.length, 'edit')}, ${plural(manifest.scan.length, 'scan')}, ${plural(manifest.accept.length, 'criterion', 'criteria')}`,
    ],
  ]);
  const human = places.filter(({ decision }) => decision === 'human');
  const parts = [
    facts,
    ...(human.length === 0
      ? []
      : [tree({ label: `for a person to decide: ${plural(human.length, 'line')}`, children: nodes(human) })]),
    ...(losses.length === 0
      ? []
      : [
          tree({
            label: 'would be lost with the replaced files',
            children: losses.map(({ kind, old, what }) => ({
              label: `${kind} ${displayPath(old)}: ${visibleText(what)}`,
            })),
          }),
        ]),
    ...(written === undefined
      ? [text]
      : [`written to ${written}\nnext: read it, fill in what it marks, then run "baton cutover plan ${written}"`]),
  ];
  return parts.join('\n\n');
}

function nodes(places: readonly Place[]): { label: string }[] {
  const drawn = places.slice(0, LIMIT).map(({ path, line, text, reason }) => ({
    label: `${displayPath(path)}:${line}: ${visibleText(text.trim())} (${visibleText(reason)})`,
  }));
  const rest = places.length - LIMIT;
  return rest <= 0 ? drawn : [...drawn, { label: `and ${rest} more; --json has them all` }];
}
