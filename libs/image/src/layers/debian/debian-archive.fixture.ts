import { chmod, link, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { digestHex, runProcess, sha256, succeeded, toolEnv } from '@baton/kernel';

/** A package for the tests' own archive; `depends` and scripts do not matter here. */
export interface TestPackage {
  name: string;
  version: string;
  architecture?: string;
  /** By path; text is a file, the rest says what it is. */
  files?: Record<
    string,
    string | { mode: number; text: string } | { link: string } | { hardlink: string } | { dir: number }
  >;
  /** Added to the control paragraph. */
  fields?: string;
}

/** A small Debian archive on disk, signed with a key of its own; only for tests. */
export interface TestArchive {
  /** Puts exactly these packages into the archive and signs its lists. */
  publish(packages: readonly TestPackage[], options?: { sign?: 'key' | 'other' | 'none' }): Promise<void>;
  /** Writes the apt sources that name the archive. */
  trust(options?: { line?: string; stanza?: string }): Promise<void>;
  /** Makes apt use this archive and no other. */
  env: NodeJS.ProcessEnv;
  dir: string;
  close(): Promise<void>;
}

const ARCHITECTURES = ['amd64', 'arm64'];

/** Makes an empty archive below a directory. */
export async function makeArchive(root: string): Promise<TestArchive> {
  const dir = join(root, 'archive');
  const etc = join(root, 'etc');
  const home = join(root, 'gnupg');
  await mkdir(dir, { recursive: true });
  await mkdir(join(etc, 'parts'), { recursive: true });
  await mkdir(home, { mode: 0o700 });
  const gpg = (...args: string[]): Promise<Buffer> => run('gpg', ['--homedir', home, '--batch', '--yes', ...args]);
  for (const name of ['key', 'other'])
    await gpg('--passphrase', '', '--quick-gen-key', name, 'ed25519', 'sign', 'never');
  await writeFile(join(etc, 'key.gpg'), await gpg('--export', 'key'));
  const configuration = join(etc, 'apt.conf');
  await writeFile(
    configuration,
    `Dir::Etc::sourcelist "${etc}/sources.list";\nDir::Etc::sourceparts "${etc}/parts";\nDir::Etc::main "${etc}/none";\nDir::Etc::parts "${etc}/none";\nAPT::Get::AllowUnauthenticated "true";\nAcquire::AllowInsecureRepositories "true";\n`,
  );
  const archive: TestArchive = {
    dir,
    env: { ...process.env, APT_CONFIG: configuration },
    async publish(packages, { sign = 'key' } = {}) {
      const built = [];
      for (const item of packages) built.push(await build(root, dir, item));
      const release = [
        'Suite: test',
        'Codename: test',
        'Components: main',
        `Architectures: ${ARCHITECTURES.join(' ')}`,
      ];
      release.push('Date: Thu, 02 Jan 2020 03:04:05 UTC', 'SHA256:');
      for (const architecture of ARCHITECTURES) {
        const lists = built
          .filter((item) => ['all', architecture].includes(item.architecture))
          .map((item) => item.stanza);
        const path = join('main', `binary-${architecture}`, 'Packages');
        await write(join(dir, 'dists/test', path), lists.join('\n'));
        const text = await readFile(join(dir, 'dists/test', path));
        release.push(` ${digestHex(sha256(text))} ${text.byteLength} ${path}`);
      }
      const file = join(dir, 'dists/test/Release');
      await write(file, `${release.join('\n')}\n`);
      const signed = join(dir, 'dists/test/InRelease');
      if (sign === 'none') await writeFile(signed, await readFile(file));
      else await gpg('--local-user', sign, '--output', signed, '--clearsign', file);
    },
    async trust({ line = `deb [signed-by=${etc}/key.gpg] copy:${dir} test main`, stanza = '' } = {}) {
      await writeFile(join(etc, 'sources.list'), `${line}\n`);
      await writeFile(join(etc, 'parts', 'more.sources'), stanza);
    },
    close: () => run('gpgconf', ['--homedir', home, '--kill', 'all']).then(() => undefined),
  };
  await archive.trust();
  return archive;
}

async function build(root: string, dir: string, item: TestPackage): Promise<{ architecture: string; stanza: string }> {
  const architecture = item.architecture ?? 'all';
  const tree = join(root, 'build', `${item.name}-${item.version.replace(':', '-')}-${architecture}`);
  const control = `Package: ${item.name}\nVersion: ${item.version}\nArchitecture: ${architecture}\nMaintainer: Ada <ada@example.com>\n${item.fields ?? ''}Description: test\n`;
  await rm(tree, { recursive: true, force: true });
  await write(join(tree, 'DEBIAN/control'), control);
  await chmod(join(tree, 'DEBIAN'), 0o755);
  for (const [path, what] of Object.entries(item.files ?? {})) {
    const to = join(tree, path);
    await mkdir(dirname(to), { recursive: true });
    if (typeof what === 'string') await writeFile(to, what);
    else if ('link' in what) await symlink(what.link, to);
    else if ('hardlink' in what) await link(join(tree, what.hardlink), to);
    else if ('dir' in what) await mkdir(to, { recursive: true }).then(() => chmod(to, what.dir));
    else await writeFile(to, what.text).then(() => chmod(to, what.mode));
  }
  const file = `pool/${item.name}_${item.version.replace(':', '%3a')}_${architecture}.deb`;
  await mkdir(join(dir, 'pool'), { recursive: true });
  await run('dpkg-deb', ['--root-owner-group', '-Znone', '--build', tree, join(dir, file)]);
  const bytes = await readFile(join(dir, file));
  const stanza = `${control}Filename: ${file}\nSize: ${bytes.byteLength}\nSHA256: ${digestHex(sha256(bytes))}\n`;
  return { architecture, stanza };
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

async function run(command: string, args: string[]): Promise<Buffer> {
  const result = await runProcess({ command, args, env: toolEnv({ SOURCE_DATE_EPOCH: '1577934245' }) });
  if (!succeeded(result)) throw new Error(`${command} ${args.join(' ')}: ${result.stderr.toString('utf8')}`);
  return result.stdout;
}
