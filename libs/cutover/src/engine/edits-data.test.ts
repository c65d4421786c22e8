import { testEditGroup } from './test-edit-group.ts';

const WORKFLOW = `on:
  push:
    paths:
      - 'pump/**'   # ours
      - '!pump/next/**'
jobs: {}
`;

testEditGroup({
  files: { 'old/ci.yml': 'on:\n  push:\n    # releases\n    tags:\n      - "pump/*"\n' },
  cases: [
    {
      kind: 'yaml.list',
      file: '.github/workflows/pump ci.yml',
      before: WORKFLOW,
      edit: { at: 'on.push.paths', remove: ['!pump/next/**'] },
      after: WORKFLOW.replace("      - '!pump/next/**'\n", ''),
      none: { at: 'on.pull_request.paths', remove: ['x'] },
      many: { edit: { at: 'on.push.paths', remove: ['!pump/next/**'], expect: 1 }, code: 'EDIT_COUNT' },
      idle: { at: 'on.push.paths', add: [{ value: 'pump/**' }] },
    },
    {
      kind: 'yaml.map',
      file: 'map.yaml',
      before: 'env:\n  GO: "1.22" # keep\n  PY: 3.12\n',
      edit: { at: 'env', delete: ['PY'], set: { GO: '1.23' } },
      after: 'env:\n  GO: "1.23" # keep\n',
      none: { at: 'envs', set: { a: 1 } },
      idle: { at: 'env', set: { PY: 3.12 } },
    },
    {
      kind: 'yaml.item',
      file: '.github/dependabot.yml',
      before:
        'updates:\n  - package-ecosystem: pip\n    directory: /pump\n  - package-ecosystem: gomod\n    directory: /pump/next\n',
      edit: { list: 'updates', where: { 'package-ecosystem': 'gomod' }, set: { directory: '/pump' } },
      after:
        'updates:\n  - package-ecosystem: pip\n    directory: /pump\n  - package-ecosystem: gomod\n    directory: /pump\n',
      none: { list: 'updates', where: { 'package-ecosystem': 'cargo' }, delete: true },
      idle: { list: 'updates', where: { 'package-ecosystem': 'pip' }, set: { directory: '/pump' } },
    },
    {
      kind: 'yaml.embedded',
      file: 'filters.yaml',
      before: 'with:\n  filters: |\n    pump:\n      - pump/next/**\n    docs:\n      - docs/**\n',
      edit: {
        at: 'with.filters',
        as: 'yaml',
        ops: [{ 'yaml.list': { at: 'pump', replace: [{ from: 'pump/next/**', to: 'pump/**' }] } }],
      },
      after: 'with:\n  filters: |\n    pump:\n      - pump/**\n    docs:\n      - docs/**\n',
      none: { at: 'with.filter', as: 'yaml', ops: [{ 'yaml.list': { at: 'pump', add: [{ value: 1 }] } }] },
      many: {
        edit: { at: 'with.filters', as: 'text', ops: [{ replace: { find: '/**', with: '' } }] },
        code: 'EDIT_COUNT',
      },
    },
    {
      kind: 'yaml.carry',
      file: 'carried.yml',
      before: 'on:\n    push:\n        branches: [main]\n',
      edit: { from: 'old/ci.yml', node: 'on.push.tags', to: 'on.push' },
      after: 'on:\n    push:\n        branches: [main]\n        # releases\n        tags:\n          - "pump/*"\n',
      none: { from: 'old/ci.yml', node: 'on.push.tag', to: 'on.push' },
    },
    {
      kind: 'json.edit',
      file: 'renovate.json5',
      before: "{\n  // managers\n  enabledManagers: ['gomod', 'pep621',],\n}\n",
      edit: { ops: [{ at: 'enabledManagers', remove: ['pep621'] }] },
      after: "{\n  // managers\n  enabledManagers: ['gomod',],\n}\n",
      none: { ops: [{ at: 'enabledManager', remove: ['pep621'] }] },
    },
    {
      kind: 'toml.edit',
      file: 'cliff.toml',
      before: '[git]\ntag_pattern = "pump/.*" # tags\npaths = ["pump/next/**"]\n',
      edit: { ops: [{ at: 'git.paths', replace: [{ from: 'pump/next/**', to: 'pump/**' }] }] },
      after: '[git]\ntag_pattern = "pump/.*" # tags\npaths = ["pump/**"]\n',
      none: { ops: [{ at: 'git.path', remove: ['x'] }] },
      idle: { ops: [{ at: 'git.tag_pattern', set: 'pump/.*' }] },
    },
  ],
});
