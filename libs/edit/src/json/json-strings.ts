import { decodeSource } from '../data/source-text.ts';
import { type JsonFormat, type JsonNode, parseJson } from './parse-json.ts';

/** A string value of a document. */
export interface JsonString {
  path: readonly (string | number)[];
  value: string;
  /** 1-based. */
  line: number;
}

/**
 * Every string value (not the keys) of a JSON, JSONC or JSON5 document, in its order.
 *
 * @throws BatonError `EDIT_REFUSED`, `EDIT_INVALID`
 */
export function jsonStrings(bytes: Uint8Array, format: JsonFormat): JsonString[] {
  const text = decodeSource(bytes);
  const found: JsonString[] = [];
  let at = 0;
  let line = 1;
  const walk = (node: JsonNode, path: readonly (string | number)[]): void => {
    if (node.kind === 'object') for (const { key, value } of node.items) walk(value, [...path, key]);
    else if (node.kind === 'array')
      for (const [index, { value }] of node.items.entries()) walk(value, [...path, index]);
    else if (typeof node.value === 'string') {
      for (let feed = text.indexOf('\n', at); feed !== -1 && feed < node.start; feed = text.indexOf('\n', at)) {
        line += 1;
        at = feed + 1;
      }
      found.push({ path, value: node.value, line });
    }
  };
  walk(parseJson(text, format).root, []);
  return found;
}
