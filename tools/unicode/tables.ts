import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** Where the tables live, below the root of the repository. */
export const TABLES_PATH = join('libs', 'node-agent', 'src', 'python-text', 'unicode-tables.ts');

/** The Unicode of CPython 3.13, which the contract names (section 18.1). */
const UNICODE = '15.1.0';

// Two lines: where printability changes, and the zeros of all digits. Refuses when Python contradicts what the tables presume.
const ASK = `
import sys, unicodedata
if unicodedata.unidata_version != '${UNICODE}':
    sys.exit('this Python knows Unicode ' + unicodedata.unidata_version + ', and ${UNICODE} is needed')
hidden = {'Cc', 'Cf', 'Cs', 'Co', 'Cn', 'Zl', 'Zp', 'Zs'}
changes, zeros, last = [], [], False
for point in range(0x110000):
    category = unicodedata.category(chr(point))
    printable = point == 0x20 or category not in hidden
    if printable != chr(point).isprintable(): sys.exit('isprintable() differs at %x' % point)
    if printable != last: changes.append(point)
    last = printable
    if category == 'Nd' and unicodedata.decimal(chr(point)) == 0: zeros.append(point)
    if (category == 'Nd') != (len(zeros) > 0 and point - zeros[-1] < 10): sys.exit('digits are not in tens at %x' % point)
print(*changes)
print(*zeros)
`;

/** The module that holds the tables, made by the given CPython; throws when that one knows another Unicode. */
export function unicodeTables(python: string): string {
  const answer = spawnSync(python, ['-I', '-c', ASK], { encoding: 'utf8' });
  if (answer.error !== undefined) throw answer.error;
  if (answer.status !== 0) throw new Error(`${python}: ${answer.stderr.trim()}`);
  const [changes = [], zeros = []] = answer.stdout
    .trim()
    .split('\n')
    .map((line) => line.split(' ').map(Number));
  return `// Made by tools/unicode/main.ts from Unicode ${UNICODE}: do not edit.
// Both are ascending code points, as base64 of their differences (decodeRuns in printable.ts reads them).

/** Where printability changes (contract 18.1); U+0000 is not printable. */
export const PRINTABLE_CHANGES =
  '${encodeRuns(changes)}';

/** The zero of each script; its other nine digits follow (category Nd). */
export const DECIMAL_ZEROS =
  '${encodeRuns(zeros)}';
`;
}

/** Writes ascending numbers as base64 of their differences, seven bits to a byte, lowest first, the top bit for "more". */
export function encodeRuns(numbers: readonly number[]): string {
  const bytes: number[] = [];
  let last = 0;
  for (const number of numbers) {
    let rest = number - last;
    last = number;
    for (; rest > 0x7f; rest >>= 7) bytes.push((rest & 0x7f) | 0x80);
    bytes.push(rest);
  }
  return Buffer.from(bytes).toString('base64');
}
