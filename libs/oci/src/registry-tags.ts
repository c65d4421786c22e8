import { BatonError, compareText } from '@baton/kernel';
import type { HttpResponse } from './http-response.ts';
import { linkOf, nextLink } from './registry-pages.ts';
import { tagsUrl } from './registry-path.ts';
import type { Session } from './registry-session.ts';
import type { Scope } from './token.ts';

const PAGE_LIMIT = 8 * 1024 * 1024;
const MOST_PAGES = 10_000;

/**
 * All tags of a repository, sorted (some registries answer in the order of a directory), page by page along the `Link`
 * header (distribution specification, "Listing tags"). A registry that links in a circle, elsewhere, or without end is
 * `REGISTRY_PROTOCOL`.
 */
export async function listTags(session: Session, repository: string, scopes: readonly Scope[]): Promise<string[]> {
  const doing = `listing the tags of ${repository}`;
  const tags = new Set<string>();
  const seen = new Set<string>();
  let url: URL | undefined = tagsUrl(session.base, repository);
  while (url !== undefined) {
    if (seen.has(url.href) || seen.size >= MOST_PAGES) throw broken(session, doing, 'links its pages in a circle');
    seen.add(url.href);
    const here: URL = url;
    url = await session.call({
      method: 'GET',
      url: here,
      headers: { Accept: 'application/json' },
      scopes,
      doing,
      handle: async (response) => {
        if (response.status !== 200) return await session.refuse(response, doing);
        for (const tag of await readPage(session, response, doing)) tags.add(tag);
        const next = nextLink(linkOf(response), here);
        if (next !== undefined && next.origin !== session.base.origin)
          throw broken(session, doing, 'links to another host');
        return next;
      },
    });
  }
  return [...tags].sort(compareText);
}

async function readPage(session: Session, response: HttpResponse, doing: string): Promise<string[]> {
  const { bytes, over } = await response.bytes(PAGE_LIMIT);
  if (over) throw broken(session, doing, `sends more than ${PAGE_LIMIT} bytes per page`);
  let page: unknown;
  try {
    page = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw broken(session, doing, 'sends a list that is not JSON');
  }
  if (typeof page !== 'object' || page === null) throw broken(session, doing, 'sends a list that is not an object');
  const { tags } = page as { tags?: unknown };
  // A repository whose tags are all gone is null at some registries.
  if (tags === null || tags === undefined) return [];
  if (Array.isArray(tags) && tags.every((tag) => typeof tag === 'string')) return tags;
  throw broken(session, doing, 'sends a list that is not one of tags');
}

function broken(session: Session, doing: string, what: string): BatonError {
  return new BatonError('REGISTRY_PROTOCOL', `${session.host} ${what}, seen while ${doing}`, {
    hint: 'Check that the host is a registry.',
    details: { host: session.host },
  });
}
