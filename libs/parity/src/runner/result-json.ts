import type { Json } from '@baton/kernel';
import type { ParityResult } from '../model/verdict.ts';
import { toPlain } from './buffer-json.ts';

/** A result as plain JSON, as `result.json` holds it: bytes are `{ "base64": ... }`. */
export function resultJson(result: ParityResult): Json {
  return toPlain(result);
}
