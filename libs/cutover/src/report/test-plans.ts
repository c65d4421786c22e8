import type { CutoverPlan, FileEdit } from '../model/plan.ts';

/** Texts that want to be something else than text. */
export const HOSTILE_TEXTS = [
  '</script><script>document.title = "owned"</script>',
  '"><img src=x onerror=alert(1)>',
  '</style></title></details><!--',
  '\u001b[2J\u001b]0;owned\u0007',
  '\u0000\u0001\u0085\u2028',
  '\u202egnp.exe',
  '[link](javascript:alert(1))',
];

const ID = (digit: string): string => digit.repeat(40);

/** A plan with one of everything; `rest` replaces parts of it. */
export function examplePlan(rest: Partial<CutoverPlan> = {}): CutoverPlan {
  return {
    name: 'pump',
    manifestDigest: `sha256:${'d'.repeat(64)}`,
    base: { commit: ID('a'), tree: ID('b') },
    paths: [
      {
        operation: 'paths[0] delete',
        kind: 'delete',
        reason: 'it is old',
        files: 42,
        entries: [
          { from: 'pump/old', files: 41 },
          { from: 'pump/setup.cfg', files: 1 },
        ],
      },
      {
        operation: 'paths[1] flatten',
        kind: 'flatten',
        files: 601,
        entries: [
          { from: 'pump/next/Makefile', to: 'pump/Makefile', files: 1, onto: 'replaced' },
          { from: 'pump/next/src', to: 'pump/src', files: 600 },
        ],
      },
      { operation: 'paths[2] create', kind: 'create', files: 1, entries: [{ to: 'pump/NOTES', files: 1 }] },
    ],
    edits: [
      edit({ path: 'z/last.md', from: 'z/last.md' }),
      edit({ path: 'pump/Makefile', from: 'pump/next/Makefile', rename: 'similar', note: 'made by a tool' }),
    ],
    generated: [{ operation: 'generate[0] run', path: 'pump/gen.txt', after: ID('e') }],
    accounting: {
      input: 700,
      kept: 56,
      moved: 601,
      deleted: 42,
      replaced: 1,
      output: 659,
      created: 2,
      edited: 2,
      unexplained: [],
      byDirectory: [
        { directory: 'pump', before: 644, after: 603 },
        { directory: 'z', before: 56, after: 56 },
      ],
    },
    scans: [
      {
        id: 'no-old',
        operation: 'scan[0] forbid',
        kind: 'forbid',
        state: 'failed',
        blobs: 60,
        cached: 20,
        binary: 1,
        findings: [{ path: 'docs/a b.md', line: 3, text: '  uses snake here', what: 'snake' }],
        allowed: [{ path: 'CHANGES', line: 1, text: 'snake', reason: 'history' }],
        unusedExceptions: [{ path: 'docs/gone.md', what: 'snake 2' }],
      },
    ],
    acceptance: [
      { id: 'moved', text: 'it moved', state: 'passed', detail: '2 paths found' },
      { id: 'builds', text: '', state: 'failed', detail: 'exit code 2', lines: ['main.c:1: error'] },
    ],
    gates: [{ id: 'suite', text: 'the imported result of e2e', state: 'pending', detail: 'no such statement' }],
    requirements: [{ id: 'branch', text: 'the base is the head of main', state: 'passed', detail: 'aaaa' }],
    commit: {
      id: ID('c'),
      tree: ID('f'),
      parents: [ID('a')],
      author: 'Zoë Quill <zoe@example.com> 1700000000 +0000',
      committer: 'Zoë Quill <zoe@example.com> 1700000000 +0000',
      message: 'pump: the new one\n\nAll at once.\n',
      payloadDigest: `sha256:${'9'.repeat(64)}`,
      signed: false,
    },
    objects: [],
    ...rest,
  };
}

/** An edited file with a diff of one hunk. */
export function edit(rest: Partial<FileEdit>): FileEdit {
  return {
    path: 'a',
    operations: [{ operation: 'edits[0] replace', matches: 2, reason: 'the name changed' }],
    after: ID('1'),
    diff: [{ oldStart: 3, oldLines: 3, newStart: 3, newLines: 3, lines: [' same', '-\told\r', '+\tnew\r', ' end'] }],
    added: 1,
    removed: 1,
    ...rest,
  };
}

/** A plan in which everything passed. */
export function readyPlan(): CutoverPlan {
  const plan = examplePlan();
  return {
    ...plan,
    scans: plan.scans.map((scan) => ({ ...scan, state: 'passed', findings: [], unusedExceptions: [] })),
    acceptance: plan.acceptance.slice(0, 1),
    gates: [],
  };
}

/** A plan in which a text stands at every place that a repository or a manifest can fill. */
export function hostilePlan(text: string): CutoverPlan {
  const plan = examplePlan();
  const [scan] = plan.scans;
  return {
    ...plan,
    name: text,
    paths: [
      {
        operation: 'paths[0] move',
        kind: 'move',
        reason: text,
        files: 1,
        entries: [{ from: text, to: `to/${text}`, files: 1, note: text }],
      },
    ],
    edits: [
      edit({
        path: `edited/${text}`,
        from: text,
        note: text,
        operations: [{ operation: 'edits[0] replace', matches: 1, reason: text }],
        diff: [{ oldStart: 1, oldLines: 1, newStart: 1, newLines: 1, lines: [`-${text}`, `+${text}!`] }],
      }),
    ],
    generated: [{ operation: 'generate[0] run', path: `made/${text}`, after: ID('1') }],
    scans:
      scan === undefined
        ? []
        : [
            {
              ...scan,
              id: text,
              findings: [{ path: text, line: 1, text, what: text }],
              allowed: [{ path: text, line: 1, text, reason: text }],
              unusedExceptions: [{ path: text, what: text }],
            },
          ],
    acceptance: [{ id: text, text, state: 'failed', detail: text, lines: [text] }],
    commit: { ...plan.commit, author: text, message: text },
  };
}

/** A plan that moves and edits hundreds of files. */
export function largePlan(files: number): CutoverPlan {
  const names = Array.from({ length: files }, (_, index) => `dir-${index % 7}/file-${String(index).padStart(4, '0')}`);
  return examplePlan({
    paths: [
      {
        operation: 'paths[0] move',
        kind: 'move',
        files,
        entries: names.map((name) => ({ from: `old/${name}`, to: `new/${name}`, files: 1 })),
      },
    ],
    edits: names.map((name) => edit({ path: `new/${name}`, from: `old/${name}` })),
  });
}
