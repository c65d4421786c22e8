import { type ProgressEvent, registerSecret } from '@baton/kernel';
import { describe, expect, test } from 'vitest';
import type { ReportMode } from './choose-mode.ts';
import { createReporter } from './reporter.ts';

const RUN: ProgressEvent[] = [
  { type: 'plan', data: { layers: 2 } },
  { type: 'layer.start', id: 'a', label: 'layer /app (linux/amd64)', total: 1000, unit: 'bytes' },
  { type: 'layer.start', id: 'b', label: 'layer node (linux/amd64)' },
  { type: 'layer.progress', id: 'a', done: 500 },
  { type: 'warn', label: 'the work tree is dirty', detail: 'src/main.ts' },
  { type: 'layer.end', id: 'b', detail: 'cached' },
  { type: 'retry', label: 'PUT blob', detail: '503, again in 1 s' },
  { type: 'layer.end', id: 'a', done: 1000 },
  { type: 'tag.put', label: 'tag 1.2.0' },
];

function draw(mode: ReportMode, events: readonly ProgressEvent[]): string {
  let text = '';
  const reporter = createReporter({ mode, write: (part) => (text += part), now: () => 0 });
  for (const event of events) reporter.emit(event);
  reporter.close();
  reporter.close();
  return text;
}

describe('plain', () => {
  test('writes one line for each end and each remark', () => {
    expect(draw('plain', RUN)).toBe(
      [
        'warning: the work tree is dirty: src/main.ts',
        'layer node (linux/amd64): cached',
        'retry: PUT blob: 503, again in 1 s',
        'layer /app (linux/amd64): 1.0 kB',
        'tag 1.2.0',
        '',
      ].join('\n'),
    );
  });

  test('work that never ended leaves no line', () => {
    expect(draw('plain', [{ type: 'push.start', id: 'x', label: 'push' }])).toBe('');
  });

  test('an end without a start is still told, by its noun if it has no label', () => {
    expect(draw('plain', [{ type: 'verify.end', id: 'x' }])).toBe('verify\n');
  });

  test('equal ids of different nouns are different work', () => {
    const events: ProgressEvent[] = [
      { type: 'layer.start', id: '1', label: 'layer' },
      { type: 'blob.start', id: '1', label: 'blob' },
      { type: 'layer.end', id: '1' },
      { type: 'blob.end', id: '1' },
    ];
    expect(draw('plain', events)).toBe('layer\nblob\n');
  });

  test('hides secrets and shows control characters', () => {
    registerSecret('s3cr3t-value');
    expect(draw('plain', [{ type: 'note', label: 'a\x1b[2Jb', detail: 'with s3cr3t-value' }])).toBe(
      'note: a\\x1b[2Jb: with ***\n',
    );
  });
});

test('json writes every event as one line, in order', () => {
  const lines = draw('json', RUN).trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toEqual(RUN);
});

test('json hides secrets, also in what is for machines', () => {
  registerSecret('tok"en-value');
  const [line = ''] = draw('json', [
    { type: 'note', label: 'with tok"en-value', data: { deep: ['tok"en-value'] } },
  ]).split('\n');
  expect(JSON.parse(line)).toEqual({ type: 'note', label: 'with ***', data: { deep: ['***'] } });
});

test('quiet writes nothing', () => {
  expect(draw('quiet', RUN)).toBe('');
});
