import type { HttpResponse } from './http-response.ts';

/** The `Link` header of an answer; several are joined. */
export function linkOf(response: HttpResponse): string | undefined {
  const link: string | string[] | undefined = response.headers.link;
  return Array.isArray(link) ? link.join(', ') : link;
}

/** The target of `rel="next"` in a `Link` header (RFC 8288), or undefined. */
export function nextLink(header: string | undefined, from: URL): URL | undefined {
  for (const [, target, parameters] of (header ?? '').matchAll(/<([^>]*)>((?:\s*;[^,<]*)*)/g)) {
    const isNext = /;\s*rel\s*=\s*(?:"(?:[^"]*\s)?next(?:\s[^"]*)?"|next\b)/i.test(parameters ?? '');
    if (isNext && target !== undefined && URL.canParse(target, from.href)) return new URL(target, from.href);
  }
  return undefined;
}
