import type { ProgressEvent } from '@baton/kernel';
import { expect, test } from 'vitest';
import { terminalReporter } from './terminal.ts';
import { displayWidth } from './text-width.ts';

/** A reporter on a screen that understands just what the reporter may send: text, line ends, "up" and "clear below". */
function screen(options: { columns?: number } = {}) {
  let time = 0;
  const lines: string[] = [''];
  const writes: string[] = [];
  const write = (text: string): void => {
    writes.push(text);
    let rest = text;
    const erase = /^\x1b\[(\d+)A\x1b\[J/.exec(rest);
    if (erase !== null) {
      expect(lines.at(-1)).toBe('');
      lines.splice(lines.length - 1 - Number(erase[1]));
      lines.push('');
      rest = rest.slice(erase[0].length);
    }
    for (const part of rest.split(/(?<=\n)/)) {
      lines[lines.length - 1] += part.replace(/\x1b\[\d+m/g, '').replace('\n', '');
      if (part.endsWith('\n')) lines.push('');
    }
  };
  const reporter = terminalReporter({ write, columns: () => options.columns ?? 80, now: () => time });
  return {
    writes,
    lines,
    at(ms: number, ...events: ProgressEvent[]) {
      time = ms;
      for (const event of events) reporter.emit(event);
    },
    close: () => reporter.close(),
    text: () => lines.join('\n'),
  };
}

const upload = (done: number): ProgressEvent => ({ type: 'blob.progress', id: 'u', done });
const start: ProgressEvent = {
  type: 'blob.start',
  id: 'u',
  label: 'upload node layer',
  total: 45_600_000,
  unit: 'bytes',
};

test('shows bytes, a bar and what is left, then one finished line', () => {
  const s = screen();
  s.at(0, start);
  expect(s.text()).toBe('▸ upload node layer  ────────────────────  0 B of 45.6 MB\n');
  s.at(2000, upload(22_800_000));
  expect(s.text()).toBe('▸ upload node layer  ━━━━━━━━━━──────────  22.8 MB of 45.6 MB, 2 s left\n');
  s.at(4000, { type: 'blob.end', id: 'u', done: 45_600_000 });
  expect(s.text()).toBe('✓ upload node layer  45.6 MB\n');
  s.close();
  expect(s.text()).toBe('✓ upload node layer  45.6 MB\n');
});

test('finished lines and remarks stay above what still runs', () => {
  const s = screen();
  s.at(0, start, { type: 'layer.start', id: 'l', label: 'layer /app' });
  s.at(
    10,
    { type: 'warn', label: 'dirty tree' },
    { type: 'note', label: 'libc6 moved' },
    { type: 'tag.put', label: 'tag' },
  );
  s.at(20, { type: 'layer.end', id: 'l', detail: 'cached' });
  expect(s.text()).toBe(
    [
      '! warning: dirty tree',
      '· note: libc6 moved',
      '· tag',
      '✓ layer /app  cached',
      '▸ upload node layer  ────────────────────  0 B of 45.6 MB',
      '',
    ].join('\n'),
  );
});

test('aligns the bars of work that runs side by side', () => {
  const s = screen();
  s.at(
    0,
    { type: 'layer.start', id: '1', label: 'short', total: 4, unit: 'items' },
    { type: 'layer.start', id: '2', label: 'longer', total: 4, unit: 'items' },
  );
  s.at(100, { type: 'layer.progress', id: '2', done: 3 });
  expect(s.text()).toBe('▸ short   ────────────────────  0 of 4\n▸ longer  ━━━━━━━━━━━━━━━─────  3 of 4\n');
});

test('work without a total shows what is done so far', () => {
  const s = screen();
  s.at(0, { type: 'pull.start', id: '1', label: 'base', unit: 'bytes' });
  expect(s.text()).toBe('▸ base\n');
  s.at(100, { type: 'pull.progress', id: '1', done: 1500 });
  expect(s.text()).toBe('▸ base  1.5 kB\n');
});

test('an error in the middle leaves whole finished lines and an empty one to go on', () => {
  const s = screen();
  s.at(0, { type: 'layer.end', id: '0', label: 'layer /app' }, start);
  s.at(500, upload(1_000_000));
  s.close();
  expect(s.lines).toEqual(['✓ layer /app', '']);
});

test('every write ends its last line, so a kill between two leaves nothing broken', () => {
  const s = screen();
  s.at(0, start);
  s.at(1000, upload(1));
  s.at(2000, { type: 'blob.end', id: 'u' });
  s.close();
  expect(s.writes.length).toBeGreaterThan(2);
  for (const text of s.writes) expect(text).toMatch(/(\n|\x1b\[J)$/);
});

test('no live row is as wide as the terminal, whatever the labels', () => {
  for (const columns of [10, 20, 40, 60, 80]) {
    const s = screen({ columns });
    s.at(
      0,
      start,
      { type: 'layer.start', id: 'l', label: 'x'.repeat(200) },
      { ...start, id: 'v', label: '日本'.repeat(30) },
    );
    s.at(3000, upload(1_000_000));
    for (const line of s.lines) expect(displayWidth(line)).toBeLessThan(columns);
  }
});

test('a narrow terminal drops the bar and keeps the figures', () => {
  const s = screen({ columns: 44 });
  s.at(0, start);
  expect(s.text()).toBe('▸ upload node layer  0 B of 45.6 MB\n');
});

test('shows at most eight rows and counts the rest', () => {
  const s = screen();
  s.at(0, ...Array.from({ length: 12 }, (_, i) => ({ type: 'layer.start', id: String(i), label: `layer ${i}` })));
  expect(s.lines).toHaveLength(9);
  expect(s.lines[7]).toBe('… 5 more');
});

test('mere progress is drawn at most once in 80 ms, ends always', () => {
  const s = screen();
  s.at(0, start);
  const before = s.writes.length;
  s.at(10, upload(1), upload(2), upload(3));
  expect(s.writes.length).toBe(before);
  s.at(20, { type: 'blob.end', id: 'u' });
  expect(s.writes.length).toBe(before + 1);
});

test('writes nothing when there was nothing to tell', () => {
  const s = screen();
  s.at(0, { type: 'plan' });
  s.close();
  expect(s.writes).toEqual([]);
});
