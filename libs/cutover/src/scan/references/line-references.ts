import type { PathReference } from './reference.ts';

/** Patterns of CODEOWNERS: those of an ignore file, so one without a slash fits at any depth, and a directory means what is below. */
export function ownersReferences(text: string): PathReference[] {
  return text.split('\n').flatMap((row, index) => {
    const [, pattern = ''] = /^\s*((?:\\.|[^\s#\\])+)/.exec(row) ?? [];
    if (pattern === '' || pattern === '*' || /^\[.*\]$|^\^?\[/.test(pattern)) return [];
    const clean = pattern.replace(/\\(.)/g, '$1').replace(/^\/+/, '').replace(/\/+$/, '');
    if (clean === '' || clean === '**') return [];
    const anchored = pattern.replace(/\/+$/, '').includes('/');
    const target = anchored ? clean : `**/${clean}`;
    const isGlob = !anchored || /[*?[]/.test(clean);
    const base = { line: index + 1, text: pattern, what: 'CODEOWNERS pattern', bases: ['/'] };
    return [
      { ...base, target: isGlob ? `{${target},${target}/**}` : target, ...(isGlob ? { glob: true as const } : {}) },
    ];
  });
}

/** The places of submodules. */
export function submoduleReferences(text: string): PathReference[] {
  return text.split('\n').flatMap((row, index) => {
    const [, value = ''] = /^\s*path\s*=\s*(.*?)\s*$/.exec(row) ?? [];
    if (value === '') return [];
    const what = 'submodule path';
    return [{ line: index + 1, text: value, what, target: value, bases: ['/'], kind: 'submodule' as const }];
  });
}
