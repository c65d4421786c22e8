import { posix } from 'node:path';
import type { Complaint, TextRule } from './text-field.ts';

/** A path relative to the manifest's folder. Whether it stays inside the repository is judged where it is read. */
export const RELATIVE_PATH: TextRule = {
  expected: "a path relative to the manifest's folder",
  description: "A path relative to the manifest's folder.",
  judge: (text) => relativeComplaint(text),
};

/** A path inside an npm package: relative, and without a way out. */
export const PACKAGE_PATH: TextRule = {
  expected: 'a path inside the package',
  description: 'A file or directory inside the package.',
  judge(text) {
    const complaint = relativeComplaint(text);
    if (complaint !== undefined) return { ...complaint, expected: 'a path inside the package, relative to its root' };
    if (text.split('/').includes('..')) return { hint: 'A package has nothing above its root: write it without "..".' };
    return undefined;
  },
};

/** A place in the image: absolute and in its one normal form. */
export const IMAGE_PATH: TextRule = {
  expected: 'an absolute path in the image, like /app',
  description: 'An absolute path in the image.',
  pattern: /^\/([^/]+(\/[^/]+)*)?$/,
  judge(text) {
    if (!text.startsWith('/')) return text === '' ? {} : { hint: `Write ${normalise(`/${text}`)}.` };
    const normal = normalise(text);
    if (normal === text) return undefined;
    return { expected: 'an absolute path in its normal form', hint: `Write ${normal}.` };
  },
};

/** A pattern over paths below a layer's `from`. */
export const GLOB: TextRule = {
  expected: 'a glob relative to `from`, like **/*.js',
  description: 'A glob over paths relative to `from`.',
  judge(text) {
    if (text === '') return {};
    if (text.startsWith('/')) return { hint: `Globs are relative to \`from\`: write ${text.replace(/^\/+/, '')}.` };
    if (text.split('/').includes('..')) return { hint: 'A layer holds nothing from above its `from`.' };
    return undefined;
  },
};

function relativeComplaint(text: string): Complaint | undefined {
  if (text === '') return { hint: "Write . for the manifest's folder itself." };
  if (text.startsWith('/')) return { hint: 'An absolute path exists on one machine only.' };
  if (text === '~' || text.startsWith('~/')) return { hint: 'The home directory differs between machines.' };
  return undefined;
}

function normalise(path: string): string {
  const normal = posix.normalize(path).replace(/^\/+/, '/');
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal;
}
