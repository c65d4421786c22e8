import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '@baton/testkit';
import { expect, test } from 'vitest';

/** What another Node sees of the words and variables that a shell gives it, bytes written as printf has them. */
function seen(line: string): { argv: string[]; env: [string, string][] } {
  const script = join(temporaryDirectory('bytes'), 'show.mts');
  const room = join(import.meta.dirname, 'process-bytes.ts');
  const show = 'process.stdout.write(JSON.stringify({ argv: readArgv(), env: [...readEnvironment()] }));';
  writeFileSync(script, `import { readArgv, readEnvironment } from '${room}';\n${show}\n`);
  const command = line.replace('NODE', `'${process.execPath}' --no-warnings '${script}'`);
  const { stdout, stderr } = spawnSync('sh', ['-c', command], { encoding: 'utf8', env: { PATH: '/bin:/usr/bin' } });
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

test('arguments: bytes that are no UTF-8, empty ones, dashes, none', () => {
  expect(seen(`NODE "$(printf 'a\\377b')" '' --x é '' -- ''`).argv).toEqual(['a\udcffb', '', '--x', 'é', '', '--', '']);
  expect(seen('NODE').argv).toEqual([]);
});

test('environment: its order, bytes, empty values, numeric names', () => {
  const { env } = seen(`exec env -i Z=1 10=a A= 9=b "R=$(printf '\\377')" "M=a\nb" NODE`);
  expect(env).toEqual([
    ['Z', '1'],
    ['10', 'a'],
    ['A', ''],
    ['9', 'b'],
    ['R', '\udcff'],
    ['M', 'a\nb'],
  ]);
});
