import { relative } from 'node:path';
import { type Json, prettyJson, replaceGenerated } from '@baton/kernel';
import { errorTables } from './errors-page.ts';

/** A checked-in file that is made from code. */
export interface GeneratedFile {
  /** Below the root of the repository. */
  path: string;
  /** What the file shall hold, given what it holds: a page keeps what people wrote around the generated part. */
  make(current: string): string | Promise<string>;
}

const json = (value: Json): string => prettyJson(value).toString('utf8');

// Each room is loaded when its file is made: one that does not load is the problem of its own files alone.
const FIXED: readonly GeneratedFile[] = [
  {
    path: 'libs/manifest/agent.schema.json',
    make: async () => json((await import('@baton/manifest')).manifestJsonSchema()),
  },
  {
    path: 'libs/evidence/statement.schema.json',
    make: async () => json((await import('@baton/evidence')).statementJsonSchema()),
  },
  {
    path: 'libs/parity/scenario.schema.json',
    make: async () => json((await import('@baton/parity')).scenarioJsonSchema()),
  },
  {
    path: 'libs/node-agent/src/config/schema-v1.generated.mjs',
    make: async () => (await import('../node-agent/schema-validator.ts')).schemaValidator(),
  },
  { path: 'docs/errors.md', make: (page) => replaceGenerated(page, 'errors', errorTables()) },
  {
    path: 'docs/agent-yaml.md',
    make: async (page) => replaceGenerated(page, 'agent-yaml', (await import('@baton/manifest')).manifestReference()),
  },
  {
    path: 'libs/cutover/cutover.schema.json',
    make: async () => json((await import('@baton/cutover')).cutoverJsonSchema()),
  },
  {
    path: 'docs/cutover.md',
    make: async (page) => replaceGenerated(page, 'cutover', (await import('@baton/cutover')).cutoverReference()),
  },
  {
    path: 'docs/images.md',
    make: async (page) => replaceGenerated(page, 'lint', (await import('@baton/image')).lintReference()),
  },
  {
    path: 'docs/cli.md',
    make: async (page) => {
      const { cliReference } = await import('../../apps/baton/src/cli-reference.ts');
      return replaceGenerated(page, 'commands', cliReference());
    },
  },
];

/** Every checked-in file that is made from code, in whole or in part, as far as the code can be loaded. */
export async function* generatedFilesOf(root: string): AsyncGenerator<GeneratedFile> {
  yield* FIXED;
  const { generatedFiles } = await import('../executors/src/schema/generated-files.ts');
  for (const { path, bytes } of generatedFiles())
    yield { path: relative(root, path), make: () => bytes.toString('utf8') };
}
