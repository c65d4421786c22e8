import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { repositoryFiles } from './repository-files.ts';
import type { Step } from './step.ts';

/** Links between pages, and to files, lead somewhere. */
export const links: Step = {
  name: 'links',
  async run(root) {
    const pages = (await repositoryFiles(root)).filter((path) => path.endsWith('.md'));
    const problems: string[] = [];
    for (const page of pages) problems.push(...(await brokenLinks(root, page)));
    if (pages.length === 0) problems.push('no page was looked at');
    return { summary: `${pages.length} pages`, problems };
  },
};

/** The links of a page that lead nowhere: missing files, and headings that do not exist. */
export async function brokenLinks(root: string, page: string): Promise<string[]> {
  const text = await readFile(join(root, page), 'utf8');
  const problems: string[] = [];
  for (const [, link, attribute] of withoutCode(text).matchAll(/\]\(([^)\s]+)\)|(?:src|srcset|href)="([^"]+)"/g)) {
    const target = link ?? attribute ?? '';
    if (target === '' || /^[a-z]+:/.test(target)) continue;
    const [path = '', anchor] = target.split('#');
    const file = path === '' ? page : normalize(join(dirname(page), path));
    if (!existsSync(join(root, file))) problems.push(`${page} links to ${target}, and ${file} does not exist`);
    else if (anchor !== undefined && file.endsWith('.md') && !(await headings(join(root, file))).has(anchor)) {
      problems.push(`${page} links to ${target}, and ${file} has no such heading`);
    }
  }
  return problems;
}

async function headings(path: string): Promise<Set<string>> {
  const text = withoutCode(await readFile(path, 'utf8'));
  // As GitHub makes them: lower case, punctuation dropped, spaces to hyphens.
  const slug = (title: string): string =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-');
  return new Set([...text.matchAll(/^#+ +(.*)$/gm)].map(([, title = '']) => slug(title.trim())));
}

function withoutCode(text: string): string {
  return text.replace(/^```[\s\S]*?^```$/gm, '');
}
