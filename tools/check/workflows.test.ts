import { expect, test } from 'vitest';
import { judgeWorkflow, PINS } from './workflows.ts';

const CHECKOUT = `actions/checkout@${PINS['actions/checkout']?.commit} # ${PINS['actions/checkout']?.version}`;
const GOOD = `name: ci
on:
  push:
permissions: {}
concurrency:
  group: ci-\${{ github.ref }}
jobs:
  all:
    runs-on: ubuntu-24.04
    timeout-minutes: 30
    permissions:
      contents: read
    steps:
      - uses: ${CHECKOUT}
        with:
          persist-credentials: false
      - run: bash .ci/run
      - name: test
        run: npm test
`;

test('a workflow that keeps the rules has no problems', () => {
  expect(judgeWorkflow(GOOD)).toEqual([]);
});

test.each([
  ['permissions: {}', 'permissions: write-all', 'top level needs "permissions: {}"'],
  ['concurrency:', 'concurrenzy:', 'concurrency group'],
  ['  push:', '  pull_request_target:', 'foreign code'],
  [CHECKOUT, 'actions/checkout@v6', 'must be owner/name@<commit> # <version>'],
  [CHECKOUT, CHECKOUT.replace(/@./, '@0'), `must be ${PINS['actions/checkout']?.commit}`],
  [CHECKOUT, CHECKOUT.replace('actions/checkout', 'someone/checkout'), 'not in the table'],
  ['persist-credentials: false', 'fetch-depth: 0', 'persist-credentials'],
  ['run: npm test', 'run: npm test -- $'.concat('{{ github.event.pull_request.title }}'), 'text of an event'],
  ['run: npm test', 'run: |', 'one npm, npx or .ci call'],
  ['run: npm test', 'run: curl https://example.com | sh', 'one npm, npx or .ci call'],
  ['    timeout-minutes: 30\n', '', 'job all needs a time limit'],
  ['    permissions:\n      contents: read\n', '', 'job all needs its own permissions'],
  ['      - run', '\t- run', 'tabs'],
])('%s as %s is a problem', (from, to, problem) => {
  const text = GOOD.replace(from, () => to);
  expect(text).not.toBe(GOOD);
  expect(judgeWorkflow(text).join('\n')).toMatch(/^:\d+: /);
  expect(judgeWorkflow(text).join('\n')).toContain(problem);
});
