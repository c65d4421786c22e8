import { temporaryDirectory, writeFiles } from '@baton/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import { flattenImports } from './flatten-rooms.ts';

const root = temporaryDirectory('rooms');
const flatten = (source: string): string => flattenImports(source, 'app.ts', root);

beforeAll(async () => {
  await writeFiles(root, {
    'libs/oci/src/index.ts': [
      '/** What others may import. */',
      "export { parse, format as show } from './reference.ts';",
      'export {',
      '  type Digest,',
      '  digest,',
      "} from './deep/digest.ts';",
      "export type { Store } from './store.ts';",
      "export type * from './words.ts';",
    ].join('\n'),
    'libs/bad/src/index.ts': "export { a } from './a.ts';\nexport const b = 1;\n",
  });
});

describe('flattenImports', () => {
  test('leads each name past the index to its file', () => {
    expect(flatten("import { parse, show, digest as d } from '@baton/oci';\nparse(show, d);")).toBe(
      `import { parse as parse } from "${root}/libs/oci/src/reference.ts"; ` +
        `import { format as show } from "${root}/libs/oci/src/reference.ts"; ` +
        `import { digest as d } from "${root}/libs/oci/src/deep/digest.ts";\nparse(show, d);`,
    );
  });

  test('keeps the lines, so that positions in messages stay right', () => {
    const source = "import {\n  type Digest,\n  digest,\n} from '@baton/oci';\nthrow new Error();\n";
    expect(flatten(source).split('\n')).toHaveLength(source.split('\n').length);
  });

  test('types leave nothing', () => {
    expect(flatten("import type { Store } from '@baton/oci';\nimport { type Digest } from '@baton/oci';\n1;")).toBe(
      '\n\n1;',
    );
  });

  test('other imports stay as they are', () => {
    const source = "import * as z from 'zod';\nimport { join } from 'node:path';\nimport { x } from './x.ts';\n";
    expect(flatten(source)).toBe(source);
  });

  test('a name that the room does not have is an error', () => {
    expect(() => flatten("import { parze } from '@baton/oci';")).toThrow(
      'app.ts imports "parze", which @baton/oci does not export',
    );
  });

  test('an index with code of its own is an error: leading past it would lose the code', () => {
    expect(() => flatten("import { a } from '@baton/bad';")).toThrow(
      /has more than exports from files: export const b = 1;/,
    );
  });
});
