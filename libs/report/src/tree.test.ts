import { expect, test } from 'vitest';
import { tree } from './tree.ts';

test('draws children under their parents', () => {
  const root = {
    label: 'index sha256:0a',
    children: [
      { label: 'linux/amd64', children: [{ label: 'config' }, { label: 'layer /app' }] },
      { label: 'linux/arm64', children: [{ label: 'layer\n/app' }] },
    ],
  };
  expect(tree(root)).toBe(
    [
      'index sha256:0a',
      '├─ linux/amd64',
      '│  ├─ config',
      '│  └─ layer /app',
      '└─ linux/arm64',
      '   └─ layer\\n/app',
    ].join('\n'),
  );
});

test('a leaf is its label', () => {
  expect(tree({ label: 'alone' })).toBe('alone');
});
