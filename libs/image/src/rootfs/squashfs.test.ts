import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '@baton/kernel';
import type { TarEntry } from '@baton/oci';
import { findProgram, needs, noise, startDockerRegistry, temporaryDirectory, withTmpfs } from '@baton/testkit';
import { afterEach, describe, expect, test } from 'vitest';
import { asked, file, inLayout, inRegistry, madeImage, special, testIo } from './image.fixture.ts';
import { rootfsImage } from './rootfs-image.ts';

const PATH = process.env.PATH;
afterEach(() => {
  process.env.PATH = PATH;
});

/** A directory with a program called tar2sqfs that runs these lines of shell. */
function pretender(lines: string): string {
  const dir = temporaryDirectory('bin');
  const script = `#!/bin/sh\n[ "$1" = --version ] && echo "tar2sqfs (pretender) 1" && exit 0\n${lines}\n`;
  writeFileSync(join(dir, 'tar2sqfs'), script);
  chmodSync(join(dir, 'tar2sqfs'), 0o755);
  return `${dir}:/usr/bin:/bin`;
}

const layers: TarEntry[][] = [
  [
    special('bin', 'symlink', { linkTarget: 'usr/bin' }),
    special('etc', 'directory', { mode: 0o750, uid: 3, gid: 4, mtime: 1_600_000_000 }),
    file('etc/shadow', 'secret', { mode: 0o640, gid: 42 }),
    file('etc/gone', 'x'),
    special('usr', 'directory'),
    special('usr/bin', 'directory'),
    file('usr/bin/su', 'program', { mode: 0o4755, xattrs: { 'user.note': Buffer.from([0, 255, 10]) } }),
    special('usr/bin/su2', 'hardlink', { linkTarget: 'usr/bin/su' }),
    file('usr/bin/old', 'content', { mtime: 5 }),
    special('usr/bin/older', 'hardlink', { linkTarget: 'usr/bin/old' }),
    special('tmp', 'directory', { mode: 0o1777 }),
    special('spool', 'directory', { mode: 0o2775, gid: 8 }),
    file('spool/one', '1'),
    file('big', Buffer.alloc(700_000, 'a line of text\n')),
  ],
  [
    file('etc/.wh.gone'),
    special('spool', 'directory', { mode: 0o2770, gid: 9 }),
    file('spool/.wh..wh..opq'),
    file('spool/two', '2'),
    file('usr/bin/old', 'replaced'),
    special('ünïcode', 'directory'),
    file('ünïcode/ name', 'x'),
    ...Array.from({ length: 50 }, (_, i) => special(`${'long/'.repeat(i)}long`, 'directory')),
    file(`${'long/'.repeat(50)}end`, 'deep'),
    file('empty'),
  ],
];
const devices = [
  special('dev', 'directory'),
  special('dev/null', 'character', { mode: 0o666, device: { major: 1, minor: 3 } }),
  special('dev/sda', 'block', { mode: 0o660, gid: 6, device: { major: 8, minor: 0 } }),
  special('dev/pipe', 'fifo', { mode: 0o600 }),
];

describe('a squashfs file system', () => {
  const withTool = needs('tar2sqfs', 'unsquashfs');

  withTool('has the same bytes each time, and nothing else is left', async () => {
    const dir = await inLayout(await madeImage(layers));
    const [one, two] = [testIo(), testIo()];
    const first = await rootfsImage(asked(dir, { format: 'squashfs' }), one);
    const umask = process.umask(0o077);
    const second = await rootfsImage(asked(dir, { format: 'squashfs' }), two).finally(() => process.umask(umask));
    expect(second.digest).toBe(first.digest);
    expect(first.digest).toBe(sha256(readFileSync(first.path)));
    expect(first.tool).toMatch(/^tar2sqfs .* --compressor zstd --comp-extra level=3/);
    expect(readdirSync(join(one.cacheDir, 'v1', 'rootfs')).sort()).toEqual([
      `${first.key}.json`,
      `${first.key}.squashfs`,
    ]);
    expect(statSync(second.path).mode & 0o777).toBe(0o444);
  });

  withTool('is the same as root and as nobody', async () => {
    if (process.geteuid?.() !== 0) return;
    const dir = await inLayout(await madeImage(layers));
    execFileSync('chmod', ['-R', 'a+rX', dir]);
    const asRoot = await rootfsImage(asked(dir, { format: 'squashfs' }), testIo());
    const io = testIo();
    for (const place of [io.cacheDir, dir]) execFileSync('chown', ['-R', '65534', place]);
    process.seteuid?.(65_534);
    try {
      expect((await rootfsImage(asked(dir, { format: 'squashfs' }), io)).digest).toBe(asRoot.digest);
    } finally {
      process.seteuid?.(0);
    }
  });

  withTool('says so where it cannot keep an attribute', async () => {
    const acl = file('a', 'x', { xattrs: { 'system.posix_acl_access': Buffer.from('x'), 'user.b': Buffer.from('y') } });
    const result = await rootfsImage(asked(await inLayout(await madeImage([[acl]])), { format: 'squashfs' }), testIo());
    expect(result.withoutXattrs).toBe(1);
  });

  withTool('takes times before 1970 and after 2106 as the nearest it has', async () => {
    const odd = [file('early', 'x', { mtime: -5 }), file('late', 'x', { mtime: 2 ** 33 })];
    const result = await rootfsImage(asked(await inLayout(await madeImage([odd])), { format: 'squashfs' }), testIo());
    const listed = execFileSync('unsquashfs', ['-lln', '-UTC', result.path], { encoding: 'utf8' });
    expect(listed).toMatch(/1970-01-01 00:00 squashfs-root\/early/);
    expect(listed).toMatch(/2106-02-07 06:28 squashfs-root\/late/);
  });
});

needs(
  'tar2sqfs',
  'unsquashfs',
  'skopeo',
  'umoci',
  'docker-registry',
  'root',
)('unpacks to the same tree as skopeo and umoci make: modes, owners, links, times, devices, attributes', async () => {
  const registry = await startDockerRegistry();
  try {
    const reference = await inRegistry(
      registry.host,
      await madeImage([[...devices, ...(layers[0] ?? [])], layers[1] ?? []]),
    );
    const work = temporaryDirectory('interop');
    const run = (command: string, ...args: string[]): Buffer => execFileSync(command, args, { stdio: 'pipe' });
    const { path } = await rootfsImage(asked(reference, { format: 'squashfs' }), testIo());
    const flat = await rootfsImage(asked(reference), testIo());
    run('unsquashfs', '-quiet', '-no-progress', '-dest', join(work, 'ours'), path);
    run('mkdir', join(work, 'flat'));
    run('tar', '--xattrs', '--xattrs-include=*', '-C', join(work, 'flat'), '-xpf', flat.path);
    run('skopeo', 'copy', '-q', '--src-tls-verify=false', `docker://${reference}`, `oci:${work}/layout:x`);
    run('umoci', 'unpack', '--image', `${work}/layout:x`, join(work, 'theirs'));
    const pack = (dir: string): string[] => {
      const names = readdirSync(dir).sort();
      const pax = '--pax-option=delete=atime,delete=ctime,exthdr.name=%d/x/%f';
      const how = ['--sort=name', '--format=posix', pax, '--xattrs', '--xattrs-include=*', '--numeric-owner'];
      const archive = execFileSync('tar', [...how, '-C', dir, '-cf', '-', '--', ...names], { maxBuffer: 2 ** 26 });
      const listed = execFileSync('tar', ['-tvf', '-', '--numeric-owner', '--full-time'], {
        input: archive,
        encoding: 'utf8',
        env: { TZ: 'UTC', PATH },
      });
      return [...listed.split('\n'), sha256(archive)];
    };
    const theirs = pack(join(work, 'theirs', 'rootfs'));
    expect(pack(join(work, 'ours'))).toEqual(theirs);
    expect(pack(join(work, 'flat'))).toEqual(theirs);
  } finally {
    await registry.stop();
  }
});

needs(
  'tar2sqfs',
  'loop',
  'busybox',
)('can be mounted, and a program in it runs', async () => {
  const busybox = findProgram('busybox') ?? '';
  const image = await madeImage([
    [...devices, file('bin/busybox', readFileSync(busybox), { mode: 0o755 }), file('etc/motd', 'hello\n')],
  ]);
  const { path } = await rootfsImage(asked(await inLayout(image), { format: 'squashfs' }), testIo());
  const at = temporaryDirectory('mount');
  execFileSync('mount', ['-t', 'squashfs', '-o', 'loop,ro', path, at]);
  try {
    expect(readFileSync(join(at, 'etc/motd'), 'utf8')).toBe('hello\n');
    expect(execFileSync('chroot', [at, '/bin/busybox', 'cat', '/etc/motd'], { encoding: 'utf8' })).toBe('hello\n');
  } finally {
    execFileSync('umount', [at]);
  }
});

describe('without a program that works', () => {
  const image = async (): Promise<string> => await inLayout(await madeImage(layers));

  test('TOOL_MISSING names the package and the other way', async () => {
    process.env.PATH = temporaryDirectory('empty');
    await expect(rootfsImage(asked(await image(), { format: 'squashfs' }), testIo())).rejects.toMatchObject({
      code: 'TOOL_MISSING',
      hint: 'Install the package squashfs-tools-ng, or use --format tar.',
    });
    expect((await rootfsImage(asked(await image()), testIo())).format).toBe('tar');
  });

  test.each([
    ['at once', 'echo first >&2; echo "the reason" >&2; exit 3', 'tar2sqfs ended with 3: the reason'],
    [
      'half-way',
      'head -c 2000 >/dev/null; for a; do f=$a; done; echo half > "$f"; echo broken >&2; exit 1',
      'tar2sqfs ended with 1: broken',
    ],
    ['by a signal', 'kill -9 $$', 'tar2sqfs ended with SIGKILL'],
  ])('one that fails %s is TOOL_FAILED with its last line, and nothing is left', async (_, lines, message) => {
    process.env.PATH = pretender(lines);
    const io = testIo();
    await expect(rootfsImage(asked(await image(), { format: 'squashfs' }), io)).rejects.toMatchObject({
      code: 'TOOL_FAILED',
      message,
    });
    expect(readdirSync(join(io.cacheDir, 'v1', 'rootfs'))).toEqual([]);
  });

  test('one that ends well without a file is an error, too', async () => {
    process.env.PATH = pretender('cat >/dev/null');
    await expect(rootfsImage(asked(await image(), { format: 'squashfs' }), testIo())).rejects.toMatchObject({
      code: 'TOOL_FAILED',
    });
  });

  test('one that reads nothing and never ends is ended with the process', async () => {
    const mark = join(temporaryDirectory('mark'), 'pid');
    process.env.PATH = pretender(`echo $$ > ${mark}.new; mv ${mark}.new ${mark}; exec sleep 600`);
    const end = new AbortController();
    const io = testIo({ signal: end.signal, shutdown: end.signal });
    const run = rootfsImage(asked(await image(), { format: 'squashfs' }), io);
    run.catch(() => undefined);
    while (!existsSync(mark)) await new Promise((resolve) => setTimeout(resolve, 5));
    end.abort();
    await expect(run).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(existsSync(`/proc/${readFileSync(mark, 'utf8').trim()}`)).toBe(false);
    expect(readdirSync(join(io.cacheDir, 'v1', 'rootfs'))).toEqual([]);
  });
});

describe('on a full disk', () => {
  const incompressible = file('noise', noise(3_000_000));

  for (const format of ['squashfs', 'tar'] as const)
    needs('tmpfs', 'tar2sqfs')(`${format}: DISK_FULL, and nothing is left`, async () => {
      const dir = await inLayout(await madeImage([[incompressible]]));
      await withTmpfs('1m', async (cacheDir) => {
        await expect(rootfsImage(asked(dir, { format }), testIo({ cacheDir }))).rejects.toMatchObject({
          code: 'DISK_FULL',
        });
        expect(readdirSync(join(cacheDir, 'v1', 'rootfs'))).toEqual([]);
      });
    });

  needs('tmpfs')('the place of --to: DISK_FULL, and nothing is left', async () => {
    const dir = await inLayout(await madeImage([[incompressible]]));
    await withTmpfs('1m', async (at) => {
      const to = join(at, 'out.tar');
      await expect(rootfsImage(asked(dir, { to }), testIo())).rejects.toMatchObject({ code: 'DISK_FULL' });
      expect(readdirSync(at)).toEqual([]);
    });
  });
});
