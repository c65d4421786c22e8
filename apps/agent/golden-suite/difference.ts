/** One point in which a candidate and a recording differ. */
export interface Difference {
  /** For example `run 1 stdout`, `host /etc/skyhook/flags/START`. */
  where: string;
  /** What is different there; several lines for texts. */
  problem: string;
}

const SHOWN = 140; // characters of a line

/** The first line in which two texts differ, bytes made visible; undefined when they are equal. */
export function firstDifference(expected: Uint8Array, found: Uint8Array): string | undefined {
  if (Buffer.compare(expected, found) === 0) return undefined;
  const [wanted, got] = [linesOf(expected), linesOf(found)];
  const at = wanted.findIndex((line, i) => line !== got[i]);
  const line = at === -1 ? wanted.length : at;
  const [one, other] = [wanted[line], got[line]];
  const column = one === undefined || other === undefined ? 0 : commonLength(one, other);
  return [
    `line ${line + 1} of ${wanted.length}, column ${column + 1}:`,
    `    expected: ${show(one, column)}`,
    `    found:    ${show(other, column)}`,
  ].join('\n');
}

/** What somebody reads who has to mend it: the differences, and how to run this scenario again. */
export function differenceReport(
  scenario: { name: string; title: string },
  differences: readonly Difference[],
  kept?: string,
): string {
  return [
    `${scenario.name} (${scenario.title}): ${differences.length} difference${differences.length === 1 ? '' : 's'} from the recording`,
    ...differences.map(({ where, problem }) => `  ${where}: ${problem}`),
    `again: npx vitest run apps/agent/golden-suite -t '${scenario.name}:'`,
    kept === undefined ? 'BATON_KEEP_GOLDENS=<directory> keeps the trees of a scenario that fails' : `kept in ${kept}`,
  ].join('\n');
}

// Each line with its newline, as Latin-1; no line at all for no bytes.
function linesOf(text: Uint8Array): string[] {
  return (
    Buffer.from(text)
      .toString('latin1')
      .match(/[^\n]*\n|[^\n]+$/g) ?? []
  );
}

function commonLength(one: string, other: string): number {
  let i = 0;
  while (i < one.length && one[i] === other[i]) i++;
  return i;
}

function show(line: string | undefined, column: number): string {
  if (line === undefined) return '(nothing more)';
  const from = Math.max(0, column - SHOWN / 2);
  const cut = line.slice(from, from + SHOWN);
  const visible = cut.replace(/[^ -~]|\\/g, (byte) => NAMED[byte] ?? `\\x${hex(byte)}`);
  return `${from > 0 ? '(...)' : ''}"${visible}"${from + SHOWN < line.length ? '(...)' : ''}`;
}

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' };

function hex(byte: string): string {
  return byte.charCodeAt(0).toString(16).padStart(2, '0');
}
