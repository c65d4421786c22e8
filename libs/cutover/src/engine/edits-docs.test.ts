import { testEditGroup } from './test-edit-group.ts';

const GUIDE = `# Guide

## Pump (old)

Text.

- \`pump/next\` is the new one
- docs

| Part | Language |
|------|----------|
| pump | Snake    |
| tap  | C        |

\`\`\`sh
make -C pump/next
\`\`\`

## Other
`;

testEditGroup({
  cases: [
    {
      kind: 'md.section',
      file: 'docs/section.md',
      before: GUIDE,
      edit: { heading: 'Pump (old)', rename: 'Pump' },
      after: GUIDE.replace('## Pump (old)', '## Pump'),
      none: { heading: 'Pmup', remove: true },
      idle: { heading: 'Other', rename: 'Other' },
    },
    {
      kind: 'md.bullet',
      file: 'docs/bullet.md',
      before: GUIDE,
      edit: { match: 'is the new one', remove: true },
      after: GUIDE.replace('- `pump/next` is the new one\n', ''),
      none: { match: 'nowhere', remove: true },
      many: { edit: { match: 'o', remove: true }, code: 'EDIT_AMBIGUOUS' },
    },
    {
      kind: 'md.row',
      file: 'docs/row.md',
      before: GUIDE,
      edit: { match: { Part: 'pump' }, set: { Language: 'Go' } },
      after: GUIDE.replace('| pump | Snake    |', '| pump | Go       |'),
      none: { match: 'pipe', remove: true },
      idle: { match: 'tap', set: { Language: 'C' } },
    },
    {
      kind: 'md.fence',
      file: 'docs/fence.md',
      before: GUIDE,
      edit: { lang: 'sh', ops: [{ replace: { find: 'pump/next', with: 'pump' } }] },
      after: GUIDE.replace('make -C pump/next', 'make -C pump'),
      none: { lang: 'go', remove: true },
    },
    {
      kind: 'changelog',
      file: 'CHANGELOG.md',
      before: '# Changelog\n\n## [1.0.0] - 2024-01-01\n\n- first\n',
      edit: { format: 'keep-a-changelog', version: 'v2.0.0', date: '2026-05-01', entry: '- all new' },
      after: '# Changelog\n\n## [2.0.0] - 2026-05-01\n\n- all new\n\n## [1.0.0] - 2024-01-01\n\n- first\n',
    },
    {
      kind: 'notes',
      file: 'RELEASE_NOTES.md',
      before: '# Notes\n\n## Unreleased\n\n- a\n',
      edit: { under: 'Unreleased', text: '- b' },
      after: '# Notes\n\n## Unreleased\n\n- a\n- b\n',
    },
  ],
});
