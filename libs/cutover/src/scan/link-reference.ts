import type { MarkdownLink } from '@baton/edit';
import type { PathReference } from './references/reference.ts';

/**
 * What a link names in the repository: relative to its file, or from the root when it begins with `/`; undefined for links that
 * lead elsewhere (a scheme, another host) or name nothing.
 */
export function linkReference({ url, line, kind }: MarkdownLink): PathReference | undefined {
  if (url === '' || url.startsWith('//') || /^[a-z][a-z0-9+.-]*:/i.test(url) || /\{\{|\$\{/.test(url)) return undefined;
  const hash = url.indexOf('#');
  const fragment = hash === -1 ? '' : decoded(url.slice(hash + 1)).replace(/^user-content-/, '');
  const path = decoded((hash === -1 ? url : url.slice(0, hash)).replace(/\?.*$/, ''));
  const isLine = /^L[0-9]+/.test(fragment) || fragment === '' || fragment === 'top' || fragment.startsWith(':~:');
  if (path === '' && isLine) return undefined;
  const what = kind === 'definition' || kind === 'html' ? 'link' : kind;
  const anchor = isLine ? {} : { anchor: fragment };
  const shared = { line, text: url, what, ...anchor };
  // A base is a directory, and the file itself is what a lone anchor is about.
  if (path === '') return { ...shared, target: '', bases: ['self'] };
  return { ...shared, target: path.replace(/^\/+/, ''), bases: [path.startsWith('/') ? '/' : '.'] };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
