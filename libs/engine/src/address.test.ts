import { join } from 'node:path';
import { temporaryDirectory, writeFiles } from '@baton/testkit';
import { describe, expect, test } from 'vitest';
import { engineAddress } from './address.ts';

describe('where the engine is', () => {
  test('the default socket, when DOCKER_HOST is missing or empty', () => {
    const expected = { address: 'unix:///var/run/docker.sock', endpoint: { socketPath: '/var/run/docker.sock' } };
    expect(engineAddress({})).toEqual(expected);
    expect(engineAddress({ DOCKER_HOST: '' })).toEqual(expected);
  });

  test.each([
    ['unix:///run/x.sock', { socketPath: '/run/x.sock' }],
    ['unix://', { socketPath: '/var/run/docker.sock' }],
    ['tcp://127.0.0.1:2375', { protocol: 'http', host: '127.0.0.1', port: 2375 }],
    ['tcp://engine.example', { protocol: 'http', host: 'engine.example', port: 2375 }],
    ['tcp://engine.example:80', { protocol: 'http', host: 'engine.example', port: 80 }],
    ['tcp://[::1]:4243', { protocol: 'http', host: '::1', port: 4243 }],
    ['engine.example:4243', { protocol: 'http', host: 'engine.example', port: 4243 }],
  ])('%s', (address, endpoint) => {
    expect(engineAddress({ DOCKER_HOST: address })).toEqual({ address, endpoint });
  });

  test('TLS with the files of DOCKER_CERT_PATH, as soon as DOCKER_TLS_VERIFY says anything', async () => {
    const directory = temporaryDirectory('certificates');
    await writeFiles(directory, { 'ca.pem': 'A', 'cert.pem': 'C', 'key.pem': 'K' });
    const env = { DOCKER_HOST: 'tcp://e.example', DOCKER_CERT_PATH: directory };
    expect(engineAddress({ ...env, DOCKER_TLS_VERIFY: '1' }).endpoint).toEqual({
      protocol: 'https',
      host: 'e.example',
      port: 2376,
      ca: Buffer.from('A'),
      cert: Buffer.from('C'),
      key: Buffer.from('K'),
    });
    expect(engineAddress(env).endpoint).toEqual({ protocol: 'http', host: 'e.example', port: 2375 });
  });

  test('half a client certificate is said to be one', async () => {
    const directory = temporaryDirectory('certificates');
    await writeFiles(directory, { 'cert.pem': 'C' });
    const env = { DOCKER_HOST: 'tcp://e.example', DOCKER_CERT_PATH: directory, DOCKER_TLS_VERIFY: '1' };
    expect(engineAddress(env)).toMatchObject({ reason: expect.stringContaining('only one of cert.pem and key.pem') });
    const empty = { ...env, DOCKER_CERT_PATH: join(directory, 'none') };
    expect(engineAddress(empty).endpoint).toEqual({ protocol: 'https', host: 'e.example', port: 2376 });
  });

  test.each([
    ['ssh://me@far.example', /ssh:\/\//, /ssh -nNT -L .* me@far\.example/],
    ['fd://', /scheme "fd"/, /unix:\/\//],
    ['tcp://', /tcp:\/\/host:port/, /tcp:\/\//],
    ['tcp://a b:1', /tcp:\/\/host:port/, /tcp:\/\//],
    ['tcp://e.example/path', /tcp:\/\/host:port/, /tcp:\/\//],
  ])('%s is refused with what to do', (address, reason, hint) => {
    const found = engineAddress({ DOCKER_HOST: address });
    expect(found).toMatchObject({ reason: expect.stringMatching(reason), hint: expect.stringMatching(hint) });
    expect(found.endpoint).toBeUndefined();
  });
});
