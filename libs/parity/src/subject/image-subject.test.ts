import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openLayout } from '@baton/oci';
import { needs, startRegistryServer, temporaryDirectory } from '@baton/testkit';
import { expect } from 'vitest';
import type { Subject } from '../model/observation.ts';
import type { Scenario } from '../model/scenario.ts';
import { createSubject } from './create-subject.ts';
import { imageEntry, imageFile, testLayout } from './image.fixture.ts';
import { ownMounts } from './mounts.fixture.ts';
import { observed, type Told, testScenario } from './subject.fixture.ts';

const test = needs('root', 'busybox');
const run = { argv: [], env: [], before: [], actions: [] };

async function withImage<T>(layout: string, use: (subject: Subject) => Promise<T>): Promise<T> {
  const subject = await createSubject({ kind: 'image', layout, clock: 'CLOCK' });
  try {
    return await use(subject);
  } finally {
    await subject.close();
  }
}

async function runImage(
  script: string,
  changes: Partial<Scenario> = {},
  more = [] as Parameters<typeof testLayout>[1],
) {
  return await withImage(await testLayout(script, more), (subject) => observed(subject, testScenario(changes)));
}

const rowsOf = ({ container }: Told) =>
  container.rows.map(({ path, type, mode, change }) => [path, type, mode, change]);

needs('root', 'busybox').describe('an unpacked image', () => {
  test('runs its entrypoint with the arguments, environment and directory of the scenario alone', async () => {
    const { text } = await runImage('echo "$@"; pwd; cat /proc/$$/environ | tr "\\000" "|"; ls /dev; ls /opt/gone', {
      env: [{ name: 'ONLY', value: Buffer.from('this') }],
      runs: [{ ...run, argv: [Buffer.from('{root}')] }],
      cwd: '/w',
    });
    expect(text).toMatch(/^first \/t\/root\n\/w\n/);
    expect(text).toContain('|fd\nfull\nnull\nrandom\nstderr\nstdin\nstdout\nurandom\nzero\n');
    expect(text).not.toContain('gone');
    expect(text).not.toContain('IMAGE');
  });

  test('has exactly the environment, bytes included, though it holds no program for it', async () => {
    const env = [
      { name: 'LD_PRELOAD', value: Buffer.from('/nothing.so') },
      { name: 'odd.name', value: Buffer.from([0xff]) },
    ];
    const { text, runs } = await runImage('cat /proc/$$/environ', { env });
    expect(text).toContain('LD_PRELOAD=/nothing.so\0odd.name=\xff\0');
    expect(runs[0]?.stderr).toEqual({ kind: 'bytes', bytes: Buffer.from('') });
  });

  test('what a run did is told against the image and the layout: new, changed, gone', async () => {
    const script = [
      'echo more >>/etc/app/a; chmod 600 /etc/app/b; rm /etc/app/c; touch /etc/app/same',
      'rm -r /srv/old; mkdir /srv/old; echo x >/srv/old/new',
      'echo laid >/etc/laid; mkdir -p /var/log/agent; echo x >/t/root/there; mv /opt/m /opt/n',
    ].join('\n');
    const more = [
      ...['a', 'b', 'c', 'same'].map((name) => imageFile(`etc/app/${name}`, name)),
      imageFile('srv/old/one', '1'),
      imageFile('srv/old/two', '2'),
      imageEntry('var', 'directory'),
      imageEntry('var/log', 'directory'),
      imageEntry('var/cache', 'directory'),
      imageFile('opt/m', 'moved'),
    ];
    const told = await runImage(
      script,
      { container: [{ path: '/etc/laid', type: 'file', contents: Buffer.from('before\n') }] },
      more,
    );
    expect(rowsOf(told)).toEqual([
      ['/etc/app', 'dir', '0755', undefined],
      ['/etc/app/a', 'file', '0644', 'modified'],
      ['/etc/app/b', 'file', '0600', 'mode'],
      ['/etc/laid', 'file', '0644', 'modified'],
      ['/opt', 'dir', '0755', undefined],
      ['/opt/n', 'file', '0644', undefined],
      ['/srv', 'dir', '0755', undefined],
      ['/srv/old', 'dir', '0755', undefined],
      ['/srv/old/new', 'file', '0644', undefined],
      ['/var', 'dir', '0755', undefined],
      ['/var/log', 'dir', '0755', undefined],
      ['/var/log/agent', 'dir', '0755', undefined],
    ]);
    expect(told.container.deleted).toEqual(['/etc/app/c', '/opt/m', '/srv/old/one', '/srv/old/two']);
    expect(told.host.rows.map(({ path }) => path)).toEqual(['/there']);
  });

  test('is fresh for each scenario, also when many run at once, and kept over the runs of one', async () => {
    const script = 'cat /state 2>/dev/null; echo "$$" >>/state; chmod 000 /opt; echo end';
    await withImage(await testLayout(script), async (subject) => {
      const all = await Promise.all(Array.from({ length: 8 }, () => observed(subject, testScenario())));
      for (const { text } of all) expect(text).toBe('end\n');
      const two = await observed(subject, testScenario({ runs: [run, run] }));
      expect(two.text).toMatch(/^end\n\d+\nend\n$/);
    });
  });

  test('links of the image never lead the layout out of it', async () => {
    const outside = join(temporaryDirectory('outside'), 'dir');
    const layout = await testLayout('cat /link/x', [imageEntry('link', 'symlink', outside)]);
    const entry = { path: '/link/x', type: 'file' as const, contents: Buffer.from('inside') };
    const { text } = await withImage(layout, (subject) => observed(subject, testScenario({ container: [entry] })));
    expect(text).toBe('inside');
    expect(() => readdirSync(outside)).toThrow();
  });

  test('where there are no overlays it is copied, and the same is told', async () => {
    const layout = await testLayout('echo x >>/etc/a; mkdir /var/new; rm /etc/b', [
      imageFile('etc/a', 'a'),
      imageFile('etc/b', 'b'),
      imageEntry('var', 'directory'),
    ]);
    const told = async (root: 'overlay' | 'copy') => {
      const subject = await createSubject({ kind: 'image', layout }, { root });
      const { container } = await observed(subject, testScenario()).finally(() => subject.close());
      return { ...container, rows: container.rows.map(({ contents: _, ...row }) => row) };
    };
    const copied = await told('copy');
    expect(copied.rows).toHaveLength(3);
    expect(copied).toEqual(await told('overlay'));
  });

  test('is who its index is', async () => {
    const layout = await testLayout('exit 0');
    const { index } = await openLayout(layout);
    const identity = await withImage(layout, (subject) => subject.identity());
    expect(identity).toMatchObject({
      kind: 'container',
      digest: index.manifests[0]?.digest,
      facts: { command: '/agent first', driver: 'chroot', root: 'overlay' },
    });
  });

  test('leaves no mount behind', async () => {
    await runImage('exit 0');
    expect(ownMounts()).toEqual([]);
  });

  test('comes from a registry by digest, and by nothing else', async () => {
    const layout = await testLayout('echo pulled');
    const registry = await startRegistryServer();
    try {
      await expect(createSubject({ kind: 'image', reference: `${registry.host}/agent:1` })).rejects.toMatchObject({
        code: 'USAGE',
      });
      const digest = (await openLayout(layout)).index.manifests[0]?.digest;
      const gone = createSubject({ kind: 'image', reference: `${registry.host}/agent@${digest}` });
      await expect(gone).rejects.toMatchObject({ code: 'IMAGE_NOT_FOUND' });
    } finally {
      await registry.stop();
    }
  });
});

needs('root', 'busybox').describe('an image that cannot be run is an error', () => {
  const refused = async (layout: string, code: string, said: string): Promise<void> => {
    await expect(createSubject({ kind: 'image', layout })).rejects.toMatchObject({
      code,
      message: expect.stringContaining(said),
    });
  };

  test('when it is not there', () => refused(temporaryDirectory('none'), 'SUBJECT_NOT_FOUND', 'there is none'));

  test('when it does not hold its program', async () => {
    await refused(await testLayout('', [], { Entrypoint: ['/gone'] }), 'SUBJECT_NOT_FOUND', '/gone');
    await refused(await testLayout('', [], { Entrypoint: [], Cmd: [] }), 'SUBJECT_NOT_FOUND', 'names no program');
  });

  test('when it wants another user', async () => {
    await refused(await testLayout('', [], { User: '1000' }), 'SUBJECT_FAILED', 'as user 1000');
  });

  test('when a layer is not in the layout', async () => {
    const layout = await testLayout('');
    const largest = readdirSync(join(layout, 'blobs/sha256'))
      .map((name) => join(layout, 'blobs/sha256', name))
      .sort((a, b) => readFileSync(b).length - readFileSync(a).length)[0];
    rmSync(largest ?? '');
    await refused(layout, 'BLOB_MISSING', 'does not hold the layer');
  });
});
