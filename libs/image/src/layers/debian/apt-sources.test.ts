import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { silent } from '@baton/kernel';
import { needs, temporaryDirectory } from '@baton/testkit';
import { describe, expect, test } from 'vitest';
import { readSources, unsignedLines, unsignedStanzas } from './apt-sources.ts';
import { openApt } from './apt-state.ts';

describe('sources that waive the signature', () => {
  test('in one-line form', () => {
    const text = [
      'deb http://plain.example/debian stable main',
      'deb [arch=amd64 signed-by=/k.gpg] http://signed.example/debian stable main',
      'deb [trusted=yes] http://a.example/debian stable main',
      ' deb\t[ arch=amd64 trusted=true ]  copy:/b ./',
      'deb [allow-insecure=1] http://c.example stable main',
      'deb [Allow-Weak=yes] http://d.example stable main',
      'deb [trusted=no] http://no.example stable main',
      'deb-src [trusted=yes] http://source.example stable main',
      '# deb [trusted=yes] http://comment.example stable main',
    ].join('\n');
    expect(unsignedLines(text)).toEqual(['http://a.example/debian', 'copy:/b', 'http://c.example', 'http://d.example']);
  });

  test('in stanzas', () => {
    const text = [
      'Types: deb',
      'URIs: http://a.example/debian',
      '  http://b.example/debian',
      '# a comment',
      'Suites: stable',
      'Trusted: yes',
      '',
      'Types: deb',
      'URIs: http://signed.example/debian',
      'Signed-By:',
      ' -----BEGIN PGP PUBLIC KEY BLOCK-----',
      ' .',
      ' Trusted: yes',
      '',
      'uris: http://c.example',
      'allow-downgrade-to-insecure: YES',
    ].join('\n');
    expect(unsignedStanzas(text)).toEqual(['http://a.example/debian', 'http://b.example/debian', 'http://c.example']);
  });
});

needs('apt')('the host is read from where apt reads it, and a change changes the digest', async () => {
  const root = temporaryDirectory();
  const list = join(root, "it's a list.list");
  const configuration = join(root, 'apt.conf');
  await writeFile(configuration, `Dir::Etc::sourcelist "${list}";\nDir::Etc::sourceparts "${root}/none";\n`);
  const io = {
    emit: silent,
    cacheDir: join(root, 'cache'),
    env: { ...process.env, APT_CONFIG: configuration },
    epoch: 0,
    locked: false,
  };
  const apt = await openApt('amd64', io);
  const empty = await readSources(apt);
  expect(empty.unsigned).toEqual([]);
  await writeFile(list, 'deb [trusted=yes] copy:/x ./\n');
  const changed = await readSources(apt);
  expect(changed.unsigned).toEqual(['copy:/x']);
  expect(changed.digest).not.toBe(empty.digest);
  expect((await readSources(apt)).digest).toBe(changed.digest);
});
