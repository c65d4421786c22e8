/** One test of a report. Without an outcome it passed. */
export interface JunitCase {
  name: string;
  className: string;
  seconds: number;
  /** `failure`: what was tested is wrong. `error`: it could not be tested. `skipped`: it was left out, and why. */
  outcome?: { kind: 'failure' | 'error' | 'skipped'; type: string; message: string; text?: string };
  /** What else a reader should know. */
  output?: string;
}

/** Tests that belong together. */
export interface JunitSuite {
  name: string;
  cases: readonly JunitCase[];
}

/**
 * A report in the XML that test services read (JUnit's). Legal XML 1.0 whatever the texts hold: what it cannot say, such as
 * NUL and other control characters, stands there as `\x00`. No time stamp and no host name, so equal results give equal bytes.
 */
export function junitXml(name: string, suites: readonly JunitSuite[]): string {
  const total = counts(suites.flatMap(({ cases }) => cases));
  const body = suites.map((suite) => {
    const cases = suite.cases.map(caseXml).join('');
    return `  <testsuite name="${attribute(suite.name)}" ${counts(suite.cases)}>\n${cases}  </testsuite>\n`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="${attribute(name)}" ${total}>\n${body.join('')}</testsuites>\n`;
}

function counts(cases: readonly JunitCase[]): string {
  const count = (kind: string): number => cases.filter(({ outcome }) => outcome?.kind === kind).length;
  const seconds = cases.reduce((sum, one) => sum + one.seconds, 0);
  return (
    `tests="${cases.length}" failures="${count('failure')}" errors="${count('error')}" ` +
    `skipped="${count('skipped')}" time="${seconds.toFixed(3)}"`
  );
}

function caseXml({ name, className, seconds, outcome, output }: JunitCase): string {
  const head = `    <testcase classname="${attribute(className)}" name="${attribute(name)}" time="${seconds.toFixed(3)}"`;
  const inside: string[] = [];
  if (outcome?.kind === 'skipped') inside.push(`      <skipped message="${attribute(outcome.message)}"/>\n`);
  else if (outcome !== undefined) {
    const open = `      <${outcome.kind} type="${attribute(outcome.type)}" message="${attribute(outcome.message)}"`;
    inside.push(outcome.text === undefined ? `${open}/>\n` : `${open}>${content(outcome.text)}</${outcome.kind}>\n`);
  }
  if (output !== undefined) inside.push(`      <system-out>${content(output)}</system-out>\n`);
  return inside.length === 0 ? `${head}/>\n` : `${head}>\n${inside.join('')}    </testcase>\n`;
}

// XML 1.0, section 2.2. DEL, C1 and those that turn the direction of writing would be legal, and help nobody.
const UNSAYABLE =
  /[^\n\t\u0020-\u007e\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;
const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function content(text: string): string {
  return text
    .replace(/\r\n/g, '\n')
    .replace(UNSAYABLE, (character) => {
      const code = character.codePointAt(0) ?? 0;
      return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
    })
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

// A parser makes a space of each line end and tab in an attribute: they are written so that they stay what they are.
function attribute(text: string): string {
  return content(text).replaceAll('\n', '&#10;').replaceAll('\t', '&#9;');
}
