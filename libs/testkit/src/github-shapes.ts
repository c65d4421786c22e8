import type { Schemas } from './github-answers.ts';
import type { GithubRepository, StoredRun, StoredStatus } from './github-repository.ts';

/** Every time that the fake forge tells: it has no clock. */
const WHEN = '2024-03-04T05:06:07Z';

/** Where the API of the server is that a repository is on. */
export function apiRoot({ url }: GithubRepository): string {
  return `${new URL(url).origin}/api/v3`;
}

/** An account by its name. */
export function simpleUser(repository: GithubRepository, login: string): Schemas['simple-user'] {
  const url = `${apiRoot(repository)}/users/${login}`;
  return {
    login,
    id: [...login].reduce((sum, letter) => sum * 31 + (letter.codePointAt(0) ?? 0), 7) % 1_000_003,
    node_id: `U_${login}`,
    avatar_url: `${url}/avatar`,
    gravatar_id: '',
    url,
    html_url: `${new URL(url).origin}/${login}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type: 'User',
    site_admin: false,
  };
}

/** What every answer about a repository has. */
export function minimalRepository(repository: GithubRepository) {
  const url = `${apiRoot(repository)}/repos/${repository.fullName}`;
  return {
    id: repository.id,
    node_id: `R_${repository.id}`,
    name: repository.name,
    full_name: repository.fullName,
    owner: simpleUser(repository, repository.owner),
    private: repository.private,
    html_url: `${new URL(url).origin}/${repository.fullName}`,
    description: null,
    fork: false,
    url,
    archive_url: `${url}/{archive_format}{/ref}`,
    assignees_url: `${url}/assignees{/user}`,
    blobs_url: `${url}/git/blobs{/sha}`,
    branches_url: `${url}/branches{/branch}`,
    collaborators_url: `${url}/collaborators{/collaborator}`,
    comments_url: `${url}/comments{/number}`,
    commits_url: `${url}/commits{/sha}`,
    compare_url: `${url}/compare/{base}...{head}`,
    contents_url: `${url}/contents/{+path}`,
    contributors_url: `${url}/contributors`,
    deployments_url: `${url}/deployments`,
    downloads_url: `${url}/downloads`,
    events_url: `${url}/events`,
    forks_url: `${url}/forks`,
    git_commits_url: `${url}/git/commits{/sha}`,
    git_refs_url: `${url}/git/refs{/sha}`,
    git_tags_url: `${url}/git/tags{/sha}`,
    issue_comment_url: `${url}/issues/comments{/number}`,
    issue_events_url: `${url}/issues/events{/number}`,
    issues_url: `${url}/issues{/number}`,
    keys_url: `${url}/keys{/key_id}`,
    labels_url: `${url}/labels{/name}`,
    languages_url: `${url}/languages`,
    merges_url: `${url}/merges`,
    milestones_url: `${url}/milestones{/number}`,
    notifications_url: `${url}/notifications{?since,all,participating}`,
    pulls_url: `${url}/pulls{/number}`,
    releases_url: `${url}/releases{/id}`,
    stargazers_url: `${url}/stargazers`,
    statuses_url: `${url}/statuses/{sha}`,
    subscribers_url: `${url}/subscribers`,
    subscription_url: `${url}/subscription`,
    tags_url: `${url}/tags`,
    teams_url: `${url}/teams`,
    trees_url: `${url}/git/trees{/sha}`,
    hooks_url: `${url}/hooks`,
  } satisfies Schemas['minimal-repository'];
}

/** A repository in full. */
export function fullRepository(repository: GithubRepository) {
  const { host } = new URL(repository.url);
  const open = repository.pulls.filter(({ state }) => state === 'open').length;
  return {
    ...minimalRepository(repository),
    git_url: `git://${host}/${repository.fullName}.git`,
    ssh_url: `git@${host}:${repository.fullName}.git`,
    clone_url: repository.url,
    mirror_url: null,
    svn_url: repository.url,
    homepage: null,
    language: null,
    forks_count: 0,
    stargazers_count: 0,
    watchers_count: 0,
    size: 1,
    default_branch: repository.defaultBranch,
    open_issues_count: open,
    has_issues: true,
    has_projects: false,
    has_wiki: false,
    has_pages: false,
    has_downloads: false,
    has_discussions: false,
    archived: false,
    disabled: false,
    pushed_at: WHEN,
    created_at: WHEN,
    updated_at: WHEN,
    subscribers_count: 0,
    network_count: 0,
    license: null,
    forks: 0,
    open_issues: open,
    watchers: 0,
  } satisfies Schemas['full-repository'];
}

/** A label by its name. */
export function label(repository: GithubRepository, name: string) {
  return {
    id: [...repository.labels].indexOf(name) + 1,
    node_id: `LA_${name}`,
    url: `${minimalRepository(repository).url}/labels/${encodeURIComponent(name)}`,
    name,
    description: '',
    color: 'ededed',
    default: false,
  } satisfies Schemas['label'];
}

/** A check run. */
export function checkRun(repository: GithubRepository, run: StoredRun): Schemas['check-run'] {
  const { url, html_url } = minimalRepository(repository);
  const isOver = run.status === 'completed';
  return {
    id: run.id,
    head_sha: run.commit,
    node_id: `CR_${run.id}`,
    external_id: '',
    url: `${url}/check-runs/${run.id}`,
    html_url: `${html_url}/runs/${run.id}`,
    details_url: null,
    status: run.status,
    conclusion: isOver ? run.conclusion : null,
    started_at: WHEN,
    completed_at: isOver ? WHEN : null,
    output: { title: null, summary: null, text: null, annotations_count: 0, annotations_url: `${url}/annotations` },
    name: run.name,
    check_suite: { id: run.id },
    app: {
      id: 1,
      slug: run.app,
      node_id: `A_${run.app}`,
      owner: simpleUser(repository, 'apps'),
      name: run.app,
      description: null,
      external_url: html_url,
      html_url,
      created_at: WHEN,
      updated_at: WHEN,
      permissions: {},
      events: [],
    },
    pull_requests: [],
  };
}

/** A commit status. */
export function commitStatus(repository: GithubRepository, status: StoredStatus): Schemas['simple-commit-status'] {
  return {
    description: null,
    id: status.id,
    node_id: `S_${status.id}`,
    state: status.state,
    context: status.context,
    target_url: null,
    avatar_url: null,
    url: `${minimalRepository(repository).url}/statuses/${status.commit}`,
    created_at: WHEN,
    updated_at: WHEN,
  };
}

/** A commit, as git has it. */
export async function commitShape(repository: GithubRepository, id: string): Promise<Schemas['commit']> {
  const { url, html_url } = minimalRepository(repository);
  const raw = await repository.git('log', '-1', '--format=%T%n%P%n%an%n%ae%n%cn%n%ce%n%B', id);
  const [tree = '', parents = '', author = '', email = '', committer = '', mail = '', ...message] = raw.split('\n');
  const refer = (sha: string) => ({ sha, url: `${url}/commits/${sha}`, html_url: `${html_url}/commit/${sha}` });
  return {
    ...refer(id),
    node_id: `C_${id}`,
    comments_url: `${url}/commits/${id}/comments`,
    commit: {
      url: `${url}/git/commits/${id}`,
      author: { name: author, email, date: WHEN },
      committer: { name: committer, email: mail, date: WHEN },
      message: message.join('\n').trimEnd(),
      comment_count: 0,
      tree: { sha: tree, url: `${url}/git/trees/${tree}` },
    },
    author: null,
    committer: null,
    parents: parents.split(' ').filter(Boolean).map(refer),
  };
}
