import {
  type Document,
  isCollection,
  isScalar,
  type Range,
  type Scalar,
  visit,
  type YAMLError,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { quoted } from './describe-value.ts';
import type { Position, TextProblem, YamlExtras } from './yaml-types.ts';

const CORE_TAG = /^tag:yaml\.org,2002:(str|int|float|bool|null|map|seq)$/;

/** What the parser found, in our words. */
export function inWords(fault: YAMLError): { message: string; hint?: string } {
  if (fault.code === 'NON_STRING_KEY') return { message: 'expected text as a key, found something else' };
  if (fault.code === 'MULTIPLE_DOCS') {
    return { message: 'expected one document, found a second one', hint: 'Write one file for each agent.' };
  }
  const first = fault.message.split('\n')[0] ?? '';
  // One of a form's own tags complained, in words of its own.
  if (fault.code === 'TAG_RESOLVE_FAILED' && first.startsWith('expected ')) return { message: first };
  const tab = first.startsWith('Tabs are not allowed');
  return { message: `not valid YAML: ${first}`, ...(tab ? { hint: 'Indent with spaces.' } : {}) };
}

/** Finds a directive that would have the text read by other rules. */
export function directiveProblems(document: Document.Parsed): TextProblem[] {
  const { explicit, version } = document.directives.yaml;
  if (explicit !== true || version === '1.2') return [];
  return [{ line: 1, column: 1, message: `expected YAML 1.2, found the directive %YAML ${version}` }];
}

/** Finds what is valid YAML and would be lost, or would mislead, on the way to a JavaScript value. */
export function nodeProblems(
  document: Document.Parsed,
  at: (offset: number) => Position,
  { tags = [], nul = false }: YamlExtras = {},
): TextProblem[] {
  const problems: TextProblem[] = [];
  const tell = (node: { range?: Range | null | undefined }, message: string, hint?: string): void => {
    problems.push({ ...at(node.range?.[0] ?? 0), message, ...(hint === undefined ? {} : { hint }) });
  };
  const anchors = new Set<string>();
  const note = (node: YAMLMap | YAMLSeq | Scalar): void => {
    if (node.anchor !== undefined) anchors.add(node.anchor);
    // `!!binary` and the like would turn text into something that no key of ours takes.
    if (node.tag === undefined || CORE_TAG.test(node.tag) || tags.some(({ tag }) => tag === node.tag)) return;
    tell(node, `expected a plain value, found the tag ${node.tag}`);
  };
  visit(document, {
    Alias(_, node, ancestors) {
      // Not resolved by the parser, which reads the document anew for each alias.
      if (!anchors.has(node.source)) tell(node, `the alias *${node.source} has no anchor before it`);
      const around = ancestors.some((above) => isCollection(above) && above.anchor === node.source);
      if (around) tell(node, `the alias *${node.source} is part of what it names`);
    },
    Map(_, node) {
      const seen = new Set<unknown>();
      for (const { key } of node.items) {
        if (!isScalar(key)) continue;
        if (seen.has(key.value)) tell(key, `the key ${quoted(String(key.value))} is there twice`, 'Keep one of them.');
        seen.add(key.value);
        // JavaScript objects treat this name apart.
        if (key.value === '__proto__') tell(key, 'unknown key "__proto__"');
      }
      note(node);
    },
    Seq: (_, node) => note(node),
    Scalar(_, node) {
      if (!nul && typeof node.value === 'string' && node.value.includes('\0')) tell(node, 'text holds a NUL character');
      note(node);
    },
  });
  return problems;
}
