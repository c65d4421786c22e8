import { ERROR_CODES } from '@baton/kernel';

const EXITS: readonly (readonly [number, string])[] = [
  [1, 'The check failed: something was compared, and the answer is no.'],
  [2, 'The command line, the options or the manifest are wrong.'],
  [3, 'The environment failed: network, registry, disk, a missing program.'],
  [4, 'Undetermined: it could not be decided.'],
  [5, 'The golden set is wrong.'],
  [130, 'Interrupted.'],
];

/** The tables of docs/errors.md: one for each exit code that some error has. */
export function errorTables(): string {
  const codes = Object.entries(ERROR_CODES);
  const parts = EXITS.map(([exit, title]) => {
    const rows = codes
      .filter(([, { exit: own }]) => own === exit)
      .map(([code, { meaning }]) => `| \`${code}\` | ${meaning.replaceAll('|', '\\|')} |`);
    return rows.length === 0
      ? ''
      : [`## Exit code ${exit}`, '', title, '', '| Code | Meaning |', '|---|---|', ...rows].join('\n');
  });
  return parts.filter((part) => part !== '').join('\n\n');
}
