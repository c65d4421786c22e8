import { expect, test } from 'vitest';
import { assigned, readInvocation } from './invocation.ts';
import { outcomeOf } from './test-config.ts';

test.each([
  [['apply', '/pkg'], { mode: 'apply', rootMount: '/root', copyDir: '/pkg', interruptData: undefined }],
  [['interrupt', '/pkg'], { mode: 'interrupt', rootMount: '/root', copyDir: '/pkg', interruptData: undefined }],
  [['interrupt', '/pkg', 'e30='], { mode: 'interrupt', rootMount: '/root', copyDir: '/pkg', interruptData: 'e30=' }],
  [
    ['Interrupt', '/host', '/pkg'],
    { mode: 'Interrupt', rootMount: '/host', copyDir: '/pkg', interruptData: undefined },
  ],
  [['apply', '/host', '/pkg/'], { mode: 'apply', rootMount: '/host', copyDir: '/pkg/', interruptData: undefined }],
  [['apply', '/host', '/pkg', ''], { mode: 'apply', rootMount: '/host', copyDir: '/pkg', interruptData: '' }],
  [['interrupt', 'local', '', 'x'], { mode: 'interrupt', rootMount: 'local', copyDir: '', interruptData: 'x' }],
  [['', '', ''], { mode: '', rootMount: '', copyDir: '', interruptData: undefined }],
])('%j', (argv, invocation) => {
  expect(readInvocation(argv)).toEqual(invocation);
});

test.each([0, 1, 5, 6])('%i arguments crash where one of them is used', (count) => {
  const invocation = readInvocation(Array.from({ length: count }, () => 'apply'));
  expect(invocation).toBeUndefined();
  for (const variable of ['mode', 'root_mount'] as const) {
    expect(outcomeOf(() => assigned(invocation, variable))).toBe(
      `UnboundLocalError: cannot access local variable '${variable}' where it is not associated with a value`,
    );
  }
});
