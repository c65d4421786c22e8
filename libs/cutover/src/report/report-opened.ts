import { type Json, plural } from '@baton/kernel';
import { table, tree, visibleText } from '@baton/report';
import type { OpenedPullRequest } from '../open/opened.ts';
import { planJson } from './plan-outcome.ts';
import { reportPlan } from './report-plan.ts';

const SAID: Readonly<Record<OpenedPullRequest['state'], string>> = {
  created: 'pull request opened',
  updated: 'pull request updated',
  unchanged: 'nothing to do: branch and pull request are as they should be',
  'already-done': 'nothing to do: the base branch has this cutover',
  planned: 'dry run: this would be done, in this order',
  refused: 'nothing was done: the plan does not pass',
};

/** What became of a pull request, for a terminal: first the plan without its diffs where one is to be judged. */
export function reportOpened(opened: OpenedPullRequest): string {
  const { state, plan, pullRequest, base, branch, commit, steps, pending, notes } = opened;
  const isJudged = plan !== undefined && (state === 'refused' || state === 'planned');
  const rows = [
    ...(pullRequest === undefined
      ? []
      : [['pull request', `${pullRequest.url}${pullRequest.draft ? ' (draft)' : ''}`]]),
    ...(pullRequest === undefined ? [] : [['title', visibleText(pullRequest.title)]]),
    ['base', `${opened.repository} ${base.branch} at ${base.commit}`],
    ['branch', branch],
    ...(commit === undefined ? [] : [['commit', commit]]),
    ...(pending.length === 0 ? [] : [['pending', `${plural(pending.length, 'part')}: ${pending.join(', ')}`]]),
  ];
  return [
    ...(isJudged ? [reportPlan(plan, { diff: false }), ''] : []),
    SAID[state],
    table(rows),
    ...(steps.length === 0
      ? []
      : [tree({ label: state === 'planned' ? 'steps' : 'done', children: steps.map(stepNode) })]),
    ...notes.map((note) => visibleText(note)),
    ...bodyOf(opened),
  ].join('\n');
}

/** The same as data. */
export function openedJson({ plan, error: _, ...rest }: OpenedPullRequest): Json {
  return JSON.parse(JSON.stringify({ ...rest, plan: plan === undefined ? null : planJson(plan) })) as Json;
}

function stepNode({ kind, text }: OpenedPullRequest['steps'][number]): { label: string } {
  return { label: `${kind} ${visibleText(text)}` };
}

// Before anything is sent, a person wants to read what it will say.
function bodyOf({ state, steps }: OpenedPullRequest): string[] {
  const body = steps.map((step) => step.body?.body).find((text) => typeof text === 'string');
  if (state !== 'planned' || typeof body !== 'string') return [];
  const lines = body.split(/\r?\n/).map((line) => visibleText(line));
  return ['', 'The text of the pull request:', '', ...lines.map((line) => (line === '' ? '' : `  ${line}`))];
}
