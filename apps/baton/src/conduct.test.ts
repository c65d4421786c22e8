import { runNode, temporaryDirectory, writeFiles } from '@baton/testkit';
import { describe, expect, test } from 'vitest';

const CONDUCT = new URL('./conduct.ts', import.meta.url).href;

/** Runs a program that conducts the given work; `globals` beside the defaults. */
async function run(work: string, globals: Record<string, unknown> = {}, env: NodeJS.ProcessEnv = {}) {
  const dir = temporaryDirectory('conduct');
  const all = { json: false, quiet: false, verbose: false, color: true, ...globals };
  await writeFiles(dir, {
    'program.ts': [
      `import { conduct } from ${JSON.stringify(CONDUCT)};`,
      `const work = async ({ emit, signal, cacheDir }) => { ${work} };`,
      `process.exit(await conduct(${JSON.stringify(all)}, work) ?? 99);`,
    ].join('\n'),
  });
  const result = await runNode(`${dir}/program.ts`, [], { cwd: dir, env });
  return { code: result.code, stdout: result.stdout.toString(), stderr: result.stderr.toString(), dir };
}

describe('what comes out', () => {
  test('progress to standard error, the result to standard output', async () => {
    const ran = await run(
      `emit({ type: 'layer.end', id: '1', label: 'layer /app' }); return { result: 1, text: 'built\\n\\n' };`,
    );
    expect(ran).toMatchObject({ code: 0, stdout: 'built\n', stderr: 'layer /app\n' });
  });

  test('people are not told twice that it is done, machines are told once', async () => {
    const work = `emit({ type: 'done', label: 'all' }); return { result: 1, text: 'built' };`;
    expect(await run(work)).toMatchObject({ stdout: 'built\n', stderr: '' });
    expect((await run(work, { json: true })).stderr).toBe('{"type":"done","label":"all"}\n');
  });

  test('--quiet leaves the result', async () => {
    const ran = await run(`emit({ type: 'warn', label: 'x' }); return { result: 1, text: 'built' };`, { quiet: true });
    expect(ran).toMatchObject({ code: 0, stdout: 'built\n', stderr: '' });
  });

  test('--json: one document, and events as JSON lines', async () => {
    const ran = await run(`emit({ type: 'warn', label: 'x' }); return { result: { a: 1 }, text: 'built' };`, {
      json: true,
    });
    expect(ran).toMatchObject({
      code: 0,
      stdout: '{"ok":true,"result":{"a":1}}\n',
      stderr: '{"type":"warn","label":"x"}\n',
    });
  });

  test('a plain error that is not ours is INTERNAL, with its stack only when asked', async () => {
    expect(await run(`throw new Error('boom');`)).toMatchObject({
      code: 3,
      stdout: '',
      stderr:
        'error INTERNAL: boom\n' +
        '  hint: This is a fault in Baton: run it again with --verbose and report what it prints.\n',
    });
    expect((await run(`throw new Error('boom');`, { verbose: true })).stderr).toMatch(/\n {2}at /);
  });

  test('an answer that is no is printed, then the error decides the exit code', async () => {
    const work = `
      const { BatonError } = await import(${JSON.stringify(new URL('../../../libs/kernel/src/index.ts', import.meta.url).href)});
      return { result: [1], text: 'the table', error: new BatonError('TOOL_MISSING', 'no apt-get') };`;
    expect(await run(work)).toMatchObject({
      code: 3,
      stdout: 'the table\n',
      stderr: 'error TOOL_MISSING: no apt-get\n',
    });
    expect(JSON.parse((await run(work, { json: true })).stdout)).toEqual({
      ok: false,
      error: { code: 'TOOL_MISSING', message: 'no apt-get', exitCode: 3 },
      result: [1],
    });
  });

  test('nothing to say is left to the caller', async () => {
    expect(await run('return undefined;')).toMatchObject({ code: 99, stdout: '', stderr: '' });
  });

  test('the cache directory comes from the environment', async () => {
    const ran = await run('return { result: 0, text: cacheDir };', {}, { BATON_CACHE_DIR: '/elsewhere' });
    expect(ran.stdout).toBe('/elsewhere\n');
  });
});

describe('what goes wrong beside the work', () => {
  test('something thrown outside of it ends it', async () => {
    const ran = await run(
      `setTimeout(() => { throw new TypeError('late'); }, 1); await new Promise((r) => setTimeout(r, 60_000));`,
    );
    expect(ran).toMatchObject({ code: 3, stderr: expect.stringMatching(/^error INTERNAL: late\n/) });
  });

  test('work that can never end is told, not taken for done', async () => {
    const ran = await run('await new Promise(() => undefined);', { json: true });
    expect(ran.code).toBe(3);
    expect(JSON.parse(ran.stdout)).toMatchObject({
      ok: false,
      error: { code: 'INTERNAL', message: 'the work stopped without an end: nothing is left to wait for' },
    });
  });

  test('-C to nowhere is a wrong call', async () => {
    const ran = await run(`return { result: 0, text: '' };`, { directory: './nowhere' });
    expect(ran).toMatchObject({
      code: 2,
      stderr:
        'error USAGE: -C ./nowhere: cannot enter this directory (ENOENT)\n  hint: Name a directory that exists.\n',
    });
  });
});

describe('signals', () => {
  test('the first aborts, and what breaks because of it is INTERRUPTED', async () => {
    const ran = await run(`
      setTimeout(() => undefined, 60_000);
      process.kill(process.pid, 'SIGINT');
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('socket closed'))));`);
    expect(ran).toMatchObject({
      code: 130,
      stdout: '',
      stderr:
        'note: SIGINT: stopping; a second one stops at once\n' +
        'error INTERRUPTED: interrupted before it was done\n' +
        '  hint: Run the same command again: finished parts are kept.\n',
    });
  });

  test('a second one ends the process at once, even when the work takes no notice', async () => {
    const ran = await run(`
      signal.addEventListener('abort', () => process.kill(process.pid, 'SIGTERM'));
      process.kill(process.pid, 'SIGTERM');
      await new Promise((resolve) => setTimeout(resolve, 60_000));`);
    expect(ran).toMatchObject({ code: 130, stderr: 'note: SIGTERM: stopping; a second one stops at once\n' });
  });
});
