import { BatonError } from '@baton/kernel';
import { Composer, type CST, Parser, type YAMLError } from 'yaml';
import { decodeSource } from '../data/source-text.ts';
import { nextLine } from './lines.ts';
import { buildTree, type YamlNode } from './yaml-tree.ts';

/** A YAML file as text with the trees of its documents. */
export interface YamlFile {
  /** Without the byte order mark. */
  text: string;
  /** The bytes before the text: those of a byte order mark, or none. */
  skipped: number;
  documents: readonly YamlNode[];
}

/**
 * Reads a YAML file for editing. Keys that are there twice are tolerated: an edit that meets one says so.
 *
 * @throws BatonError `EDIT_REFUSED` for what is not UTF-8 text, `EDIT_INVALID` for what is not YAML
 */
export function readYaml(bytes: Uint8Array): YamlFile {
  const text = decodeSource(bytes);
  // The parser does not read a list whose first dash follows the mark.
  return text.startsWith('\uFEFF') ? { ...parseYaml(text.slice(1)), skipped: 3 } : parseYaml(text);
}

/** The same for text that was decoded before. @throws BatonError `EDIT_INVALID` */
export function parseYaml(text: string): YamlFile {
  const tokens = [...new Parser().parse(text)];
  const composer = new Composer({
    keepSourceTokens: true,
    uniqueKeys: false,
    resolveKnownTags: false,
    logLevel: 'silent',
  });
  const documents = [...composer.compose(tokens, true, text.length)];
  const fault = documents.flatMap(({ errors }) => errors)[0];
  if (fault !== undefined) throw notYaml(text, fault);
  const sources = tokens.filter((token): token is CST.Document => token.type === 'document');
  const floors = documentFloors(text, tokens);
  return {
    text,
    skipped: 0,
    documents: documents.map((document, index) => buildTree(document, sources[index], floors[index] ?? 0)),
  };
}

/** Where each document begins: the first at the top, the others behind the `...` of the one before; `---` moves that further down. */
function documentFloors(text: string, tokens: readonly CST.Token[]): number[] {
  let floor = 0;
  return tokens.flatMap((token) => {
    if (token.type === 'doc-end') floor = nextLine(text, token.offset);
    return token.type === 'document' ? [floor] : [];
  });
}

/** `line 3, column 5`, both from 1, of a UTF-16 index. */
export function lineAndColumn(text: string, at: number): string {
  const before = text.slice(0, at);
  const line = before.split('\n').length;
  return `line ${line}, column ${at - before.lastIndexOf('\n')}`;
}

function notYaml(text: string, fault: YAMLError): BatonError {
  const where = lineAndColumn(text, fault.pos[0]);
  const tabs = fault.message.startsWith('Tabs are not allowed');
  return new BatonError('EDIT_INVALID', `not valid YAML at ${where}: ${fault.message.split('\n')[0]}`, {
    ...(tabs ? { hint: 'Indent with spaces.' } : {}),
    cause: fault,
  });
}
