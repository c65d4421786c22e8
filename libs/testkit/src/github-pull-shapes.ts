import type { Schemas } from './github-answers.ts';
import type { GithubRepository, StoredPull } from './github-repository.ts';
import { fullRepository, label, minimalRepository, simpleUser } from './github-shapes.ts';

const WHEN = '2024-03-04T05:06:07Z';

/** A pull request as lists have it. */
export function simplePull(repository: GithubRepository, pull: StoredPull) {
  const { url: repositoryUrl, html_url } = minimalRepository(repository);
  const url = `${repositoryUrl}/pulls/${pull.number}`;
  const issue = `${repositoryUrl}/issues/${pull.number}`;
  const user = simpleUser(repository, repository.owner);
  const side = (ref: string, sha: string) => ({
    label: `${repository.owner}:${ref}`,
    ref,
    sha,
    user,
    repo: fullRepository(repository) satisfies Schemas['repository'],
  });
  const links = {
    self: url,
    html: `${html_url}/pull/${pull.number}`,
    issue,
    comments: `${issue}/comments`,
    review_comments: `${url}/comments`,
    review_comment: `${repositoryUrl}/pulls/comments{/number}`,
    commits: `${url}/commits`,
    statuses: `${repositoryUrl}/statuses/${pull.headCommit}`,
  };
  const isOpen = pull.state === 'open';
  return {
    url,
    id: pull.id,
    node_id: `PR_${pull.id}`,
    html_url: links.html,
    diff_url: `${links.html}.diff`,
    patch_url: `${links.html}.patch`,
    issue_url: issue,
    commits_url: links.commits,
    review_comments_url: links.review_comments,
    review_comment_url: links.review_comment,
    comments_url: links.comments,
    statuses_url: links.statuses,
    number: pull.number,
    state: pull.state,
    locked: false,
    title: pull.title,
    user,
    body: pull.body,
    labels: pull.labels.map((name) => label(repository, name)),
    milestone: null,
    created_at: WHEN,
    updated_at: WHEN,
    closed_at: isOpen ? null : WHEN,
    merged_at: pull.mergeCommit === null ? null : WHEN,
    merge_commit_sha: pull.mergeCommit,
    assignee: null,
    head: side(pull.head, pull.headCommit),
    base: side(pull.base, pull.baseCommit),
    _links: {
      self: { href: links.self },
      html: { href: links.html },
      issue: { href: links.issue },
      comments: { href: links.comments },
      review_comments: { href: links.review_comments },
      review_comment: { href: links.review_comment },
      commits: { href: links.commits },
      statuses: { href: links.statuses },
    },
    author_association: 'OWNER',
    auto_merge: null,
    draft: pull.draft,
  } satisfies Schemas['pull-request-simple'];
}

/** A pull request in full: with what git says of its commits. */
export async function fullPull(repository: GithubRepository, pull: StoredPull): Promise<Schemas['pull-request']> {
  const range = `${pull.baseCommit}..${pull.headCommit}`;
  const commits = Number(await repository.git('rev-list', '--count', range));
  const lines = (await repository.git('diff', '--numstat', pull.baseCommit, pull.headCommit))
    .split('\n')
    .filter(Boolean);
  const sum = (column: number): number =>
    lines.reduce((total, line) => total + (Number(line.split('\t')[column]) || 0), 0);
  const isMerged = pull.mergeCommit !== null;
  return {
    ...simplePull(repository, pull),
    merged: isMerged,
    mergeable: pull.state === 'open' ? true : null,
    mergeable_state: pull.state === 'open' ? 'clean' : 'unknown',
    merged_by: isMerged ? simpleUser(repository, 'grace') : null,
    comments: 0,
    review_comments: 0,
    maintainer_can_modify: false,
    commits,
    additions: sum(0),
    deletions: sum(1),
    changed_files: lines.length,
  };
}
