import { expect, test } from 'vitest';
import { silent } from './events.ts';

test('silent takes any event and leaves it as it was', () => {
  const event = Object.freeze({ type: 'layer.start', id: '1', label: 'layer /app' });
  expect(silent(event)).toBeUndefined();
});
