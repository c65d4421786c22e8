import { formatBytes, plural, shortDigest } from '@baton/kernel';
import { table } from '@baton/report';
import type { JudgedTag, RetentionPlan } from './types.ts';

/** A retention plan for a terminal: the tags by line, what could go, what to know. */
export function reportRetention(plan: RetentionPlan): string {
  const { keepLast, keepUntil = {}, never = [], mayGo = [] } = plan.policy;
  const rules = [
    `the last ${keepLast === 1 ? 'version' : `${keepLast} versions`} of each line`,
    ...(Object.keys(keepUntil).length === 0 ? [] : [`${plural(Object.keys(keepUntil).length, 'tag')} until a date`]),
    ...(never.length === 0 ? [] : [never.join(', ')]),
  ];
  const facts = [
    ['retention', plan.repository],
    ['on', `${plan.date} (${plan.dateFrom})`],
    ['stay', `${rules.join('; ')} (${plan.policyFrom})`],
    ...(mayGo.length === 0 ? [] : [['may go', mayGo.join(', ')]]),
  ];
  // One for each image with attestations, and their names are long: counted, not shown.
  const attached = plan.tags.filter(isAttached);
  const shown = plan.tags.filter((tag) => !isAttached(tag));
  const groups = [...Map.groupBy(shown, ({ line }) => line)].map(([line, tags]) =>
    [line === undefined ? 'other tags' : `line ${line}`, table(tags.map(rowOf))].join('\n'),
  );
  return [
    table(facts),
    ...groups,
    ...(attached.length === 0 ? [] : [attachments(attached)]),
    [...plan.notes.map((note) => `note: ${note}`), summary(plan)].join('\n'),
  ].join('\n\n');
}

function isAttached({ rule }: JudgedTag): boolean {
  return rule === 'attached' || rule === 'attached-to-gone';
}

function attachments(tags: readonly JudgedTag[]): string {
  const going = tags.filter(({ keep }) => !keep).length;
  return `${plural(tags.length, 'tag')} of what is attached to images (sha256-...): ${tags.length - going} stay, ${going} could go with theirs`;
}

function rowOf({ tag, digest, keep, why }: JudgedTag): string[] {
  return [`  ${tag}`, keep ? 'stays' : 'could go', digest === undefined ? '' : shortDigest(digest), why];
}

function summary({ couldGo, tags, requests }: RetentionPlan): string {
  const asked = `${plural(tags.length, 'tag')} looked at in ${plural(requests, 'request')}; nothing was deleted.`;
  if (couldGo.tags === 0) return `nothing could go. ${asked}`;
  const what = [plural(couldGo.tags, 'tag'), plural(couldGo.images, 'image')];
  return `what could go: ${what.join(', ')}, ${formatBytes(couldGo.bytes)} that nothing else uses. ${asked}`;
}
