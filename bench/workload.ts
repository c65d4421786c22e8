import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const MODULES = 300;
const WORDS =
  'agent step image layer digest tag index config value result path entry state error size name time queue node host mount flag history check apply reset status event stream buffer signal reader writer option policy version label platform manifest'.split(
    ' ',
  );

/** A small seeded generator (Lehmer), so that every run bundles the same program. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}

/** Writes a program of 300 modules that bundles to about 1.1 MB minified and compresses like real code. */
export async function writeProgram(dir: string): Promise<void> {
  const random = seeded(20261120);
  const word = (): string => WORDS[Math.floor(random() * WORDS.length)] ?? 'word';
  const camel = (): string => word() + word().replace(/^./, (c) => c.toUpperCase());
  await mkdir(join(dir, 'src'), { recursive: true });
  const imports: string[] = [];
  const calls: string[] = [];
  for (let m = 0; m < MODULES; m++) {
    const parts: string[] = [];
    for (let f = 0; f < 11; f++) {
      const keys = Array.from({ length: 6 }, () => camel());
      const fields = keys.map((key) => `input.${key} ?? ${Math.floor(random() * 1e6)}`).join(' + ');
      const message = Array.from({ length: 9 }, word).join(' ');
      parts.push(
        `export function f${f}(input: Record<string, number>): string {
  const total = ${fields};
  if (total > ${Math.floor(random() * 1e5)}) return \`${message} \${total.toString(16)}\`;
  return '${Array.from({ length: 7 }, camel).join('-')}';
}`,
      );
    }
    await writeFile(join(dir, 'src', `m${m}.ts`), `${parts.join('\n')}\n`);
    imports.push(`import * as m${m} from './m${m}.ts';`);
    calls.push(`m${m}`);
  }
  await writeFile(
    join(dir, 'src', 'main.ts'),
    `${imports.join('\n')}
import { CHANGE } from './change.ts';
const all: Record<string, Record<string, (input: Record<string, number>) => string>> = { ${calls.join(', ')} };
console.log(CHANGE, Object.values(all).map((m) => Object.values(m).map((f) => f({})).join()).join().length);
`,
  );
  await change(dir, 0);
}

/** Changes one constant in one source file: the edit that every warm round starts with. */
export async function change(dir: string, round: number): Promise<void> {
  await writeFile(join(dir, 'src', 'change.ts'), `export const CHANGE = 'change ${round}';\n`);
}
