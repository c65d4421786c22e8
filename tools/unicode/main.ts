// Writes the Unicode tables of the node agent: `node tools/unicode/main.ts [PYTHON]`, a CPython 3.13 (python3.13).
import { writeFileSync } from 'node:fs';
import { TABLES_PATH, unicodeTables } from './tables.ts';

writeFileSync(TABLES_PATH, unicodeTables(process.argv[2] ?? 'python3.13'));
console.log(`${TABLES_PATH} written`);
