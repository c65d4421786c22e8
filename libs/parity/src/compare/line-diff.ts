/** Edits up to which a smallest difference is looked for; beyond, all of OLD is taken out and all of NEW put in. */
const MOST_EDITS = 512;

/** A step from OLD to NEW: lines that both have, or that one has. */
export type DiffStep = 'same' | 'old' | 'new';

/** The smallest difference of two lists of keys (Myers, "An O(ND) Difference Algorithm", 1986), up to a bound of work; `old` steps first. */
export function diffLines(old: readonly string[], now: readonly string[]): DiffStep[] {
  let head = 0;
  while (head < old.length && head < now.length && old[head] === now[head]) head++;
  let tail = 0;
  while (tail < old.length - head && tail < now.length - head && old.at(-1 - tail) === now.at(-1 - tail)) tail++;
  const middle = shortestEdit(old.slice(head, old.length - tail), now.slice(head, now.length - tail));
  const same = (count: number): DiffStep[] => Array<DiffStep>(count).fill('same');
  return [...same(head), ...deletionsFirst(middle), ...same(tail)];
}

function shortestEdit(old: readonly string[], now: readonly string[]): DiffStep[] {
  const [n, m] = [old.length, now.length];
  const most = Math.min(n + m, MOST_EDITS);
  const offset = most + 1;
  const furthest = new Int32Array(2 * most + 3);
  const trace: Int32Array[] = [];
  for (let d = 0; d <= most; d++) {
    trace.push(furthest.slice());
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && (furthest[offset + k - 1] ?? 0) < (furthest[offset + k + 1] ?? 0));
      let x = down ? (furthest[offset + k + 1] ?? 0) : (furthest[offset + k - 1] ?? 0) + 1;
      while (x < n && x - k < m && old[x] === now[x - k]) x++;
      furthest[offset + k] = x;
      if (x >= n && x - k >= m) return walkBack(trace, n, m, offset);
    }
  }
  return [...Array<DiffStep>(n).fill('old'), ...Array<DiffStep>(m).fill('new')];
}

function walkBack(trace: readonly Int32Array[], n: number, m: number, offset: number): DiffStep[] {
  const steps: DiffStep[] = [];
  let [x, y] = [n, m];
  for (let d = trace.length - 1; d >= 0; d--) {
    const furthest = trace[d] ?? new Int32Array(0);
    const k = x - y;
    const down = k === -d || (k !== d && (furthest[offset + k - 1] ?? 0) < (furthest[offset + k + 1] ?? 0));
    const fromK = down ? k + 1 : k - 1;
    const fromX = d === 0 ? 0 : (furthest[offset + fromK] ?? 0);
    const fromY = d === 0 ? 0 : fromX - fromK;
    while (x > fromX && y > fromY) {
      steps.push('same');
      x--;
      y--;
    }
    if (d > 0) {
      steps.push(down ? 'new' : 'old');
      x = fromX;
      y = fromY;
    }
  }
  return steps.reverse();
}

// Within each run of changes OLD's lines stand before NEW's.
function deletionsFirst(steps: readonly DiffStep[]): DiffStep[] {
  const ordered: DiffStep[] = [];
  let run: DiffStep[] = [];
  const flush = (): void => {
    ordered.push(...run.filter((step) => step === 'old'), ...run.filter((step) => step === 'new'));
    run = [];
  };
  for (const step of steps) {
    if (step === 'same') {
      flush();
      ordered.push(step);
    } else run.push(step);
  }
  flush();
  return ordered;
}
