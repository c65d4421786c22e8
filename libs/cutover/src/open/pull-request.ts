import { compilePattern, findAll } from '@baton/edit';
import type { Forge, PullRequest } from '@baton/github';
import { BatonError } from '@baton/kernel';
import { bodyMarkers, isOwnTitle, mergeBody } from './merge-body.ts';

/** What the pull request shall be. */
export interface WantedPullRequest {
  /** The cutover's. */
  name: string;
  head: string;
  base: string;
  title: string;
  titlePattern: string | undefined;
  generated: string;
  /** Above the generated part of a new one. */
  above: string | undefined;
  labels: readonly string[];
  draft: boolean;
}

/** What has to be done to one that is there; empty when nothing. */
export interface PullRequestChange {
  number: number;
  fields: { title?: string; body?: string; base?: string };
  labels: readonly string[];
  /** The title is a person's and stays. */
  keptTitle: boolean;
}

/** The open pull request of a cutover: by its marker, else the one from this branch into that base, which somebody opened by hand. */
export function ownPullRequest(
  pulls: readonly PullRequest[],
  { name, base }: Pick<WantedPullRequest, 'name' | 'base'>,
): PullRequest | undefined {
  const { begin } = bodyMarkers(name);
  const open = pulls.filter(({ state }) => state === 'open');
  const marked = open.filter(({ body }) => body.includes(begin));
  return (
    marked.find((pull) => pull.base.branch === base) ?? marked[0] ?? open.find((pull) => pull.base.branch === base)
  );
}

/** Demands that a title fits its pattern, anywhere in it unless the pattern is anchored. @throws BatonError `CUTOVER_INVALID` */
export function demandTitle(title: string, pattern: string | undefined): void {
  if (fits(title, pattern)) return;
  throw new BatonError('CUTOVER_INVALID', `the title "${title}" does not match pull-request.title-pattern ${pattern}`, {
    hint: 'Correct pull-request.title (commit.subject where there is none), or the pattern.',
  });
}

/** What to change of a pull request: what people wrote and chose stays, where it breaks no rule. */
export function changeOf(current: PullRequest, wanted: WantedPullRequest): PullRequestChange {
  const { name, title, titlePattern } = wanted;
  const isPersons = current.title !== title && !isOwnTitle(current.body, current.title, name);
  const keptTitle = isPersons && current.body.includes(bodyMarkers(name).begin) && fits(current.title, titlePattern);
  const body = mergeBody(current.body, wanted.generated, { name });
  const has = new Set(current.labels.map((label) => label.toLowerCase()));
  return {
    number: current.number,
    fields: {
      ...(keptTitle || current.title === title ? {} : { title }),
      ...(body === current.body ? {} : { body }),
      ...(current.base.branch === wanted.base ? {} : { base: wanted.base }),
    },
    labels: wanted.labels.filter((label) => !has.has(label.toLowerCase())),
    keptTitle,
  };
}

/** Whether nothing is to be changed. */
export function isNoChange({ fields, labels }: PullRequestChange): boolean {
  return Object.keys(fields).length === 0 && labels.length === 0;
}

/**
 * Makes the pull request, or finds the one that somebody else made in the meantime. Where drafts cannot be had it is made without
 * being one: its text says what is pending.
 */
export async function createOrFind(
  forge: Forge,
  { name, head, base, title, generated, above, draft }: WantedPullRequest,
): Promise<{ created: boolean; pullRequest: PullRequest; undrafted: boolean }> {
  const request = { head, base, title, body: mergeBody(undefined, generated, { name, above }), draft };
  try {
    return { ...(await forge.createPullRequest(request)), undrafted: false };
  } catch (error) {
    const isAboutDrafts =
      draft && error instanceof BatonError && error.code === 'FORGE_REJECTED' && /draft/i.test(error.message);
    if (!isAboutDrafts) throw error;
    return { ...(await forge.createPullRequest({ ...request, draft: false })), undrafted: true };
  }
}

function fits(title: string, pattern: string | undefined): boolean {
  return pattern === undefined || findAll(compilePattern(pattern), title).length > 0;
}
