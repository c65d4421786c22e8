import type { TextRule } from './text-field.ts';

const NUMBER = '(0|[1-9][0-9]*)';
const PRERELEASE = '(0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)';

/** A semantic version that can be written as a tag: build metadata (`+...`) cannot (semver 2.0.0, section 10). */
export const VERSION: TextRule = {
  expected: 'a semantic version like 1.2.3',
  description: 'A semantic version, without build metadata.',
  pattern: new RegExp(`^${NUMBER}\\.${NUMBER}\\.${NUMBER}(-${PRERELEASE}(\\.${PRERELEASE})*)?$`),
  examples: ['1.2.3', '2.0.0-rc.1'],
  judge(text) {
    if (text.length > 100) return { expected: 'a version of at most 100 characters', code: 'VERSION_INVALID' };
    if (VERSION.pattern?.test(text) === true) return undefined;
    const plus = text.indexOf('+');
    if (plus > 0 && VERSION.pattern?.test(text.slice(0, plus)) === true) {
      const metadata = text.slice(plus + 1).replace(/[^0-9A-Za-z.-]/g, '-');
      const form = `${text.slice(0, plus)}${text.slice(0, plus).includes('-') ? '.' : '-'}${metadata}`;
      return {
        expected: 'a version without build metadata, because "+" cannot be in a tag',
        hint: `Write ${VERSION.pattern.test(form) ? form : text.slice(0, plus)}.`,
        code: 'VERSION_INVALID',
      };
    }
    return { code: 'VERSION_INVALID', ...versionHint(text) };
  },
};

function versionHint(text: string): { hint?: string } {
  const bare = text.trim().replace(/^v/i, '');
  const filled = /^\d+$/.test(bare) ? `${bare}.0.0` : /^\d+\.\d+$/.test(bare) ? `${bare}.0` : bare;
  return VERSION.pattern?.test(filled) === true ? { hint: `Write ${filled}.` } : {};
}
