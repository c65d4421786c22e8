import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json } from './test-tagged.ts';

/** Where stored answers of CPython for a rule are: a JSON array `[item, answer]` in each line. */
export function vectorsPath(rule: string): string {
  return join(import.meta.dirname, 'vectors', `${rule}.jsonl`);
}

/** The stored answers. */
export function readVectors(rule: string): [Json, Json][] {
  const lines = readFileSync(vectorsPath(rule), 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as [Json, Json]);
}

/** The first characters of the 256 blocks of a plane. */
export function planeStarts(plane: number): number[] {
  return Array.from({ length: 256 }, (_, block) => plane * 0x10000 + block * 256);
}

/** What is stored of the answers for 65,536 characters. */
export function planeHash(blocks: readonly string[]): string {
  return createHash('sha256').update(blocks.join('')).digest('hex');
}
