import type { ObjectId } from '@baton/git';
import type { Forge } from '@baton/github';
import { mergeBody } from './merge-body.ts';
import type { OpenTarget } from './open-target.ts';
import type { OpenStep } from './opened.ts';
import type { PullRequestChange, WantedPullRequest } from './pull-request.ts';

/** A branch of this repository that moves. */
export function refStep(ref: string, from: ObjectId | undefined, to: ObjectId | undefined): OpenStep {
  return { kind: 'ref', text: `${ref}: ${from ?? 'new'} → ${to ?? 'the signed commit'}` };
}

/** A branch of the remote that moves, and its lease. */
export function pushStep(
  { remote }: OpenTarget,
  ref: string,
  from: ObjectId | undefined,
  to: ObjectId | undefined,
): OpenStep {
  const lease = from === undefined ? 'if it does not exist' : `if it is at ${from}`;
  return { kind: 'push', text: `${remote.url} ${ref}: ${to ?? 'the signed commit'}, ${lease}` };
}

/** The requests of a new pull request. */
export function createSteps(forge: Forge, wanted: WantedPullRequest): OpenStep[] {
  const { name, head, base, title, draft, generated, above, labels } = wanted;
  const pulls = `/repos/${forge.repository}/pulls`;
  const body = { title, head, base, draft, body: mergeBody(undefined, generated, { name, above }) };
  return [
    { kind: 'request', text: `POST ${pulls}: ${head} into ${base}${draft ? ', as a draft' : ''}`, body },
    ...labelSteps(forge, 'NEW', labels),
  ];
}

/** The requests that change one; none when it is as it should be. */
export function changeSteps(forge: Forge, { number, fields, labels }: PullRequestChange): OpenStep[] {
  const names = Object.keys(fields);
  const text = `PATCH /repos/${forge.repository}/pulls/${number}: ${names.join(', ')}`;
  return [
    ...(names.length === 0 ? [] : [{ kind: 'request' as const, text, body: fields }]),
    ...labelSteps(forge, String(number), labels),
  ];
}

function labelSteps(forge: Forge, number: string, labels: readonly string[]): OpenStep[] {
  if (labels.length === 0) return [];
  const text = `POST /repos/${forge.repository}/issues/${number}/labels: ${labels.join(', ')}`;
  return [{ kind: 'request', text, body: { labels } }];
}
