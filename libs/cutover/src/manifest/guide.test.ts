import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ERROR_CODES } from '@baton/kernel';
import { expect, test } from 'vitest';
import { parseCutover } from './load-cutover.ts';

const GUIDE = readFileSync(join(import.meta.dirname, '../../../../docs/cutover.md'), 'utf8');
const [BY_HAND = ''] = GUIDE.split('## Operation reference');

test('every manifest in the guide loads', () => {
  const manifests = [...BY_HAND.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text]) => text ?? '');
  expect(manifests.length).toBeGreaterThan(0);
  for (const text of manifests) expect(parseCutover(Buffer.from(text), 'guide').version).toBe(1);
});

test('every error code in the guide exists', () => {
  const codes = [...BY_HAND.matchAll(/`([A-Z]+(?:_[A-Z]+)+)`/g)].map(([, code]) => code);
  const known = Object.keys(ERROR_CODES);
  expect(codes.filter((code) => code !== 'SOURCE_DATE_EPOCH' && !known.includes(code ?? ''))).toEqual([]);
});
