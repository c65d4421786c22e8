import { displayPath } from '@baton/git';
import { plural, VERSION } from '@baton/kernel';
import {
  DIFF_STYLE,
  type Html,
  type HtmlRow,
  type HtmlState,
  htmlFacts,
  htmlPage,
  htmlSection,
  htmlTable,
  htmlText,
} from '@baton/report';
import type { CriterionResult, CutoverPlan, ScanResult, State } from '../model/plan.ts';
import { EDITS_STYLE, editsHtml } from './html-edits.ts';
import { LAYOUT_STYLE, layoutHtml } from './html-layout.ts';
import { accountingWords, countWords, entryWords, planState, scanWords, worstFirst } from './words.ts';

const STATES: Readonly<Record<State, HtmlState>> = { passed: 'good', failed: 'bad', pending: 'open' };

/** A plan as one self-contained page: layout before and after, operations, each edit's diff, scans, acceptance, the commit. */
export function reportPlanHtml(plan: CutoverPlan): string {
  const done = plan.alreadyDone !== undefined;
  const state = planState(plan);
  return htmlPage({
    title: `Cutover ${plan.name}`,
    kind: 'Cutover plan',
    verdict: {
      state: done ? 'good' : STATES[state],
      word: done ? 'done' : { passed: 'ready', failed: 'not acceptable', pending: 'pending' }[state],
      text: countWords(plan),
    },
    styles: [DIFF_STYLE, LAYOUT_STYLE, EDITS_STYLE],
    parts: [
      htmlSection('Layout', htmlText(accountingWords(plan.accounting)), layoutHtml(plan)),
      ...criteria('Requirements', plan.requirements),
      ...criteria('Acceptance', plan.acceptance),
      ...criteria('Gates', plan.gates),
      ...scans(plan.scans),
      htmlSection('Path operations', operations(plan)),
      htmlSection(`Edits: ${plural(plan.edits.length, 'file')}`, editsHtml(plan.edits)),
      htmlSection(
        'The commit',
        htmlFacts([
          ['Base', plan.base.commit],
          ['Tree before', plan.base.tree],
          ['Tree after', plan.commit.tree],
          ['Commit', plan.commit.id ?? 'known once it is signed'],
          ['Author', plan.commit.author],
          ['Manifest', plan.manifestDigest],
          ['Baton', VERSION],
        ]),
        ...plan.commit.message
          .trimEnd()
          .split('\n')
          .map((line) => htmlText(line)),
      ),
    ],
  });
}

function criteria(title: string, results: readonly CriterionResult[]): Html[] {
  if (results.length === 0) return [];
  const rows = worstFirst(results).map(
    ({ id, text, state, detail, lines }): HtmlRow => ({
      state: STATES[state],
      word: state,
      cells: [
        id,
        text,
        [detail, ...(state === 'passed' ? [] : (lines ?? []))].filter((part) => part !== '').join('; '),
      ],
    }),
  );
  return [htmlSection(title, htmlTable(['Id', 'What', 'Found'], rows))];
}

function scans(results: readonly ScanResult[]): Html[] {
  if (results.length === 0) return [];
  const rows = worstFirst(results).flatMap((scan): HtmlRow[] => [
    { state: STATES[scan.state], word: scan.state, cells: [scan.id, '', scanWords(scan)] },
    ...scan.findings.map(({ path, line, text, what }) => ({
      state: 'bad' as const,
      word: 'found',
      cells: [scan.id, `${displayPath(path)}:${line}`, `${what}: ${text.trim()}`],
    })),
    ...scan.unusedExceptions.map(({ path, what }) => ({
      state: 'bad' as const,
      word: 'unused',
      cells: [scan.id, displayPath(path), `exception that matches nothing: ${what}`],
    })),
    ...scan.allowed.map(({ path, line, text, reason }) => ({
      state: 'note' as const,
      word: 'allowed',
      cells: [scan.id, `${displayPath(path)}:${line}`, `${text.trim()} (${reason})`],
    })),
  ]);
  return [htmlSection('Scans', htmlTable(['Scan', 'Where', 'What'], rows))];
}

function operations({ paths, generated }: CutoverPlan): Html {
  const rows = [
    ...paths.flatMap(({ operation, entries, reason }) =>
      entries.map(
        (entry): HtmlRow => ({
          state: 'good',
          word: plural(entry.files, 'file'),
          cells: [operation, reason ?? '', entryWords(entry)],
        }),
      ),
    ),
    ...generated.map(
      ({ operation, path }): HtmlRow => ({ state: 'good', word: '1 file', cells: [operation, '', displayPath(path)] }),
    ),
  ];
  return htmlTable(['Operation', 'Reason', 'Path'], rows);
}
