// What HFS+ leaves out when it compares names: a directory `.g<U+200C>it` is `.git` there.
const HFS_IGNORES = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;
// What NTFS takes for `.git`: its short name, and trailing dots, spaces or a stream name.
const NTFS_GIT = /^(?:\.git[ .]*(?::.*)?|git~[0-9]+[ .]*)$/;

/** Whether git refuses a name, here or on a file system of another kind, because it is its own directory. */
export function isGitName(name: string): boolean {
  return NTFS_GIT.test(name.replace(HFS_IGNORES, '').toLowerCase());
}

/**
 * Why a text is no path of a repository, as the end of the sentence "expected ..."; undefined for one that is: relative, with `/`,
 * without empty components, `.`, `..`, NUL, and without a component that is `.git` in any case or disguise,
 * also where `\` separates components.
 */
export function pathComplaint(path: string): { expected: string; hint?: string } | undefined {
  if (path === '') return { expected: 'a path that is not empty' };
  if (path.includes('\0')) return { expected: 'a path without NUL' };
  if (path.startsWith('/'))
    return { expected: 'a path from the root of the repository', hint: `Write ${path.replace(/^\/+/, '')}.` };
  if (path.length > 4096) return { expected: 'a path of at most 4096 characters' };
  const names = path.split('/');
  if (names.includes('..'))
    return { expected: 'a path without ".."', hint: 'Nothing outside of the repository is touched.' };
  if (names.includes('') || names.includes('.')) {
    const plain = names.filter((name) => name !== '' && name !== '.').join('/');
    return {
      expected: 'a path without empty components and "."',
      ...(plain === '' ? {} : { hint: `Write ${plain}.` }),
    };
  }
  // Where a backslash is a separator, it must not lead there either.
  const parts = names.flatMap((name) => name.split('\\'));
  if (parts.some((part) => part === '..' || isGitName(part)))
    return { expected: 'a path that does not lead into .git' };
  return undefined;
}

/** The same for a glob over such paths. */
export function globComplaint(glob: string): { expected: string; hint?: string } | undefined {
  // A glob that ends with `/` means what is below it.
  const complaint = pathComplaint(glob.length > 1 && glob.endsWith('/') ? glob.slice(0, -1) : glob);
  return complaint === undefined
    ? undefined
    : { ...complaint, expected: complaint.expected.replace('a path', 'a glob') };
}
