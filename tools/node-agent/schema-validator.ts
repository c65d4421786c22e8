import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import standalone from 'ajv/dist/standalone/index.js';

/** The schema of config.json and the module that is made from it, below the root of the repository. */
export const SCHEMA = 'libs/node-agent/src/config/schema-v1.json';
export const VALIDATOR = 'libs/node-agent/src/config/schema-v1.generated.mjs';

/** The validator as an ES module that imports nothing, so that the agent neither compiles a schema nor carries ajv. */
export async function schemaValidator(): Promise<string> {
  const schema = JSON.parse(await readFile(join(import.meta.dirname, '..', '..', SCHEMA), 'utf8'));
  const ajv = new Ajv2020({ strict: true, code: { source: true, esm: true, optimize: 2 } });
  ajv.addSchema(schema);
  const code = standalone.default(ajv, { validateSchemaV1: schema.$id });
  if (/\b(require|import)\b/.test(code)) throw new Error(`the validator of ${SCHEMA} would need a module at run time`);
  return `// Made from schema-v1.json by npm run check -- --fix. Do not edit.\n${code}\n`;
}
