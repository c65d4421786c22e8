import { displayPath } from '@baton/git';
import { plural } from '@baton/kernel';
import { markdownText } from '@baton/report';
import type { CutoverManifest } from '../model/manifest.ts';
import type { CriterionResult, CutoverPlan } from '../model/plan.ts';
import { accountingWords, entryWords, STATE_SIGNS, scanWords, verdictWords, worstFirst } from '../report/words.ts';
import { bodyMarkers, titleMark } from './merge-body.ts';

/** Characters that the generated part may have: GitHub takes 65,536, and people write around it. */
const LIMIT = 50_000;

/** Lines of one list that are drawn; the rest is counted. */
const LINES = 60;

/** The generated part of the body: acceptance, renames, behaviour, rollback, and how to check the commit. */
export function generatedBody(plan: CutoverPlan, manifest: CutoverManifest, title: string): string {
  const { begin, end } = bodyMarkers(plan.name);
  const about = manifest['pull-request'];
  const parts = [
    `${begin}\n${titleMark(title)}`,
    `## Cutover ${markdownText(plan.name)}\n\n${markdownText(verdictWords(plan))}`,
    checklist('Requirements', plan.requirements),
    checklist('Acceptance', [
      ...plan.acceptance,
      ...plan.scans.map((scan) => ({ id: scan.id, text: '', state: scan.state, detail: scanWords(scan) })),
    ]),
    checklist('Gates', plan.gates),
    list('Behaviour', about?.behaviour),
    list('Rollback', about?.rollback),
    list('Left for a person', about?.manual),
    changes(plan),
    check(plan),
    end,
  ];
  // What the manifest says is Markdown, and could hold a marker.
  const inner = parts.slice(1, -1).map((part) => part.replaceAll(begin, '').replaceAll(end, ''));
  return cut([parts[0] ?? begin, ...inner.filter((part) => part !== ''), end], end).join('\n\n');
}

function checklist(title: string, results: readonly CriterionResult[]): string {
  if (results.length === 0) return '';
  const lines = worstFirst(results).map(({ id, text, state, detail }) => {
    const what = [text, detail]
      .filter((part) => part !== '')
      .map(markdownText)
      .join(': ');
    return `- [${state === 'passed' ? 'x' : ' '}] ${STATE_SIGNS[state]} **${markdownText(id)}** ${state === 'passed' ? '' : `(${state}) `}${what}`;
  });
  return `### ${title}\n\n${some(lines)}`;
}

function list(title: string, items: readonly string[] | undefined): string {
  return items === undefined || items.length === 0
    ? ''
    : `### ${title}\n\n${items.map((item) => `- ${item}`).join('\n')}`;
}

function changes({ paths, edits, accounting }: CutoverPlan): string {
  const shown = (rename: string): number => edits.filter((edit) => edit.rename === rename).length;
  const rows = paths.flatMap(({ operation, entries }) =>
    entries.map((entry) => `- \`${operation}\` ${markdownText(entryWords(entry))}`),
  );
  const renames = [
    `${plural(accounting.moved, 'file')} moved`,
    `${shown('similar')} of them edited and shown as renames`,
    `${shown('rewritten')} shown as deleted and new, because most of their lines differ`,
    `${accounting.replaced} put in place of another file: those show as modified`,
  ];
  const edited = edits.map(({ path, added, removed }) => `- ${markdownText(displayPath(path))} +${added} -${removed}`);
  return [
    `### What changes\n\n${markdownText(accountingWords(accounting))}. ${renames.join(', ')}.`,
    `<details><summary>Paths</summary>\n\n${some(rows)}\n\n</details>`,
    `<details><summary>Edited files</summary>\n\n${some(edited)}\n\n</details>`,
  ].join('\n\n');
}

function check({ base, commit, manifestDigest }: CutoverPlan): string {
  return [
    '### Check it',
    '',
    'The commit can be derived again from its parent and the manifest in it (one that is elsewhere: `--from-disk --manifest FILE`):',
    '',
    '```console',
    `$ baton cutover verify ${commit.id ?? 'HEAD'}`,
    '```',
    '',
    '| | |',
    '|:--|:--|',
    `| Base | \`${base.commit}\` |`,
    `| Tree | \`${commit.tree}\` |`,
    `| Manifest | \`${manifestDigest}\` |`,
  ].join('\n');
}

function some(lines: readonly string[]): string {
  const rest = lines.length - LINES;
  return (rest <= 0 ? lines : [...lines.slice(0, LINES), `- and ${rest} more`]).join('\n');
}

// The longest parts are dropped first, each leaving its heading, so that what is short and matters stays.
function cut(parts: readonly string[], end: string): string[] {
  const kept = [...parts];
  const size = (): number => kept.reduce((sum, part) => sum + part.length + 2, 0);
  while (size() > LIMIT) {
    const longest = kept.reduce((found, part, at) => (part.length > (kept[found]?.length ?? 0) ? at : found), 0);
    const heading = kept[longest]?.split('\n')[0] ?? '';
    if (kept[longest] === end || heading === kept[longest]) break;
    kept[longest] = `${heading}\n\nToo long for a pull request: "baton cutover plan" shows it.`.slice(
      0,
      LIMIT / parts.length,
    );
  }
  return kept;
}
