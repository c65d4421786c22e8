import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Annotation, annotationLines, withoutCommands } from './workflow-command.ts';

describe('annotations', () => {
  test('are commands with escaped values', () => {
    const annotation: Annotation = {
      type: 'error',
      title: 'a: b, c',
      message: '100 %\nmore',
      file: 'x,y:z.yaml',
      line: 3,
    };
    expect(annotationLines([annotation])).toEqual([
      '::error file=x%2Cy%3Az.yaml,line=3,title=a%3A b%2C c::100 %25%0Amore',
    ]);
  });

  test('are at most ten of a type, and the tenth says how many are missing', () => {
    const of = (type: Annotation['type'], count: number): Annotation[] =>
      Array.from({ length: count }, (_, i) => ({ type, title: `t${i}`, message: 'm' }));
    expect(annotationLines(of('error', 10))).toHaveLength(10);
    const lines = annotationLines([...of('error', 12), ...of('warning', 2)]);
    expect(lines).toHaveLength(12);
    expect(lines[8]).toBe('::error title=t8::m');
    expect(lines[9]).toBe('::error title=3 more::3 more of this kind: see the job summary');
  });

  test('no text makes a command or a property of its own', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (text) => {
        const lines = annotationLines([
          { type: 'error', title: text, message: `\n::error::${text}`, file: text, line: 1 },
        ]);
        expect(lines).toHaveLength(1);
        expect(lines[0]).toMatch(/^::error file=[^,:]*,line=1,title=[^,:]*::/);
        expect(lines[0]).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
      }),
    );
  });
});

describe('a log without commands', () => {
  test('is switched off before and on behind', () => {
    const [first = '', ...rest] = withoutCommands('::error::x').trimEnd().split('\n');
    const token = first.replace('::stop-commands::', '');
    expect(token).toMatch(/^[0-9a-f]{64}$/);
    expect(rest).toEqual(['::error::x', `::${token}::`]);
    expect(withoutCommands('::error::x\n')).not.toContain('\n\n');
  });

  test('cannot be switched on from inside', () => {
    const inside = withoutCommands('x');
    const again = withoutCommands(inside);
    const token = /^::stop-commands::(\w+)/.exec(again)?.[1] ?? '';
    expect(inside).not.toContain(token);
  });
});
