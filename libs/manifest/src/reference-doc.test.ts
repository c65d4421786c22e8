import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceGenerated } from '@baton/kernel';
import { describe, expect, it } from 'vitest';
import { manifestReference } from './reference-doc.ts';

describe('the reference', () => {
  it('is the one in docs/agent-yaml.md', async () => {
    const page = await readFile(join(import.meta.dirname, '..', '..', '..', 'docs', 'agent-yaml.md'), 'utf8');
    expect(page, 'run: npm run check -- --fix').toBe(replaceGenerated(page, 'agent-yaml', manifestReference()));
  });

  it('has a row for each key, in the form of a table', () => {
    const rows = manifestReference()
      .split('\n')
      .filter((line) => line.startsWith('| `'));
    expect(rows).toContain(
      "| `name` | text | required | The agent's name: lower-case letters, digits, `.`, `_` and `-`; at most 100 characters. Such as `node-agent`. |",
    );
    expect(rows).toContain(
      '| `compression` | mapping | `{ algorithm: gzip, level: 6 }` | How layers are compressed. |',
    );
    expect(rows).toContain('| `tags` | list of texts | `["{version}", "sha-{commit}"]` | The tags to publish under. |');
    for (const row of rows) expect(row.match(/(?<!\\)\|/g), row).toHaveLength(5);
  });
});
