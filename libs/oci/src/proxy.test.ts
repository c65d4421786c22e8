import { redact } from '@baton/kernel';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isExempt, proxyFor } from './proxy.ts';

const url = (text: string): URL => new URL(text);
const title = (target: string, env: NodeJS.ProcessEnv) => proxyFor(url(target), env)?.title;

test('the variable of the scheme, small letters first', () => {
  const env = { HTTPS_PROXY: 'http://upper:1', https_proxy: 'http://lower:2', HTTP_PROXY: 'http://plain:3' };
  expect(title('https://x.example.com/', env)).toBe('lower:2 (https_proxy)');
  expect(title('http://x.example.com/', env)).toBe('plain:3 (HTTP_PROXY)');
  expect(title('https://x.example.com/', { HTTPS_PROXY: 'http://upper:1', https_proxy: '' })).toBe(
    'upper:1 (HTTPS_PROXY)',
  );
  expect(title('https://x.example.com/', { HTTP_PROXY: 'http://plain:3' })).toBe(undefined);
  expect(title('http://x.example.com/', { HTTP_PROXY: 'http://evil:3', REQUEST_METHOD: 'GET' })).toBe(undefined);
});

test('forms of a proxy', () => {
  const form = (HTTPS_PROXY: string) => proxyFor(url('https://x.example.com/'), { HTTPS_PROXY });
  expect(form('proxy.example.com')).toMatchObject({ secure: false, hostname: 'proxy.example.com', port: 80 });
  expect(form('proxy.example.com:3128')).toMatchObject({ secure: false, port: 3128 });
  expect(form('https://proxy.example.com')).toMatchObject({ secure: true, port: 443 });
  expect(form('http://[fd00::1]:3128/')).toMatchObject({ hostname: 'fd00::1', port: 3128 });
  expect(form('http://user:p%40ss-canary@proxy:1')?.authorization).toBe(
    `Basic ${Buffer.from('user:p@ss-canary').toString('base64')}`,
  );
  expect(redact(`p@ss-canary p%40ss-canary ${Buffer.from('user:p@ss-canary').toString('base64')}`)).toBe('*** *** ***');
});

test.each([
  'socks5://user:canary-pw@proxy:1080',
  'http://',
  'http://ca nary',
  'http://canary:99999',
])('what is no HTTP proxy is USAGE, without the value: %s', (value) => {
  const attempt = () => proxyFor(url('https://x.example.com/'), { https_proxy: value });
  expect(attempt).toThrow(expect.objectContaining({ code: 'USAGE', message: expect.not.stringContaining('canary') }));
});

test('this machine is never reached through a proxy', () => {
  const env = { HTTP_PROXY: 'http://proxy:1', HTTPS_PROXY: 'http://proxy:1' };
  for (const host of [
    'localhost',
    'a.localhost',
    'LOCALHOST.',
    '127.0.0.1',
    '127.9.9.9',
    '[::1]',
    '[::ffff:127.0.0.1]',
  ]) {
    expect(title(`http://${host}:5000/`, env)).toBe(undefined);
    expect(title(`https://${host}/`, env)).toBe(undefined);
  }
  expect(title('http://10.0.0.1/', env)).toBe('proxy:1 (HTTP_PROXY)');
});

test.each([
  ['*', 'https://x.example.com/', true],
  ['example.com', 'https://example.com/', true],
  ['example.com', 'https://x.example.com/', true],
  ['example.com', 'https://notexample.com/', false],
  ['example.com', 'https://example.com.evil.org/', false],
  ['.example.com', 'https://x.example.com/', true],
  ['.example.com', 'https://example.com/', false],
  ['*.example.com', 'https://x.y.example.com/', true],
  ['*.example.com', 'https://example.com/', false],
  ['EXAMPLE.com.', 'https://X.Example.COM./', true],
  ['example.com:443', 'https://example.com/', true],
  ['example.com:80', 'http://example.com/', true],
  ['example.com:443', 'https://example.com:5000/', false],
  ['example.com:5000', 'https://x.example.com:5000/', true],
  [' a.org , example.com ', 'https://example.com/', true],
  ['a.org example.com', 'https://example.com/', true],
  ['10.0.0.0/8', 'http://10.1.2.3/', true],
  ['10.0.0.0/8', 'http://11.1.2.3/', false],
  ['10.0.0.0/8', 'http://ten.example.com/', false],
  ['10.1.2.3', 'http://10.1.2.3:5000/', true],
  ['10.1.2.3:5000', 'http://10.1.2.3:5000/', true],
  ['10.1.2.3:5000', 'http://10.1.2.3/', false],
  ['2.3', 'http://10.1.2.3/', false],
  ['fd00::/8', 'http://[fd00::1]/', true],
  ['[fd00::1]', 'http://[fd00:0::1]/', true],
  ['fd00::1', 'http://[fd00::1]:5000/', true],
  ['[fd00::1]:5000', 'http://[fd00::1]:5000/', true],
  ['[fd00::1]:5001', 'http://[fd00::1]:5000/', false],
  ['', 'https://example.com/', false],
  [',, .', 'https://example.com/', false],
  ['*example.com', 'https://example.com/', false],
])('NO_PROXY=%s and %s: %s', (list, target, expected) => {
  expect(isExempt(url(target), list)).toBe(expected);
});

test('no_proxy before NO_PROXY', () => {
  const env = { HTTPS_PROXY: 'http://proxy:1', NO_PROXY: 'a.example.com', no_proxy: 'b.example.com' };
  expect(title('https://a.example.com/', env)).toBe('proxy:1 (HTTPS_PROXY)');
  expect(title('https://b.example.com/', env)).toBe(undefined);
});

const label = fc.stringMatching(/^[a-z][a-z0-9]{0,6}$/);
const name = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'));

test('a name covers itself and what ends with a dot and it, and nothing else', () => {
  fc.assert(
    fc.property(name, name, fc.boolean(), (host, entry, below) => {
      const asked = below ? `${host}.${entry}` : host;
      const expected = asked === entry || asked.endsWith(`.${entry}`);
      expect(isExempt(url(`https://${asked}/`), entry)).toBe(expected);
      expect(isExempt(url(`https://${asked}/`), `.${entry}`)).toBe(asked.endsWith(`.${entry}`));
      expect(isExempt(url(`https://${asked}/`), `other.invalid,${entry}:443`)).toBe(expected);
    }),
  );
});

test('no list makes it throw; a longer list never covers less', () => {
  fc.assert(
    fc.property(fc.string(), name, (list, host) => {
      const target = url(`https://${host}/`);
      if (isExempt(target, list)) expect(isExempt(target, `${list},more.invalid`)).toBe(true);
      expect(isExempt(target, `${list},${host}`)).toBe(true);
    }),
  );
});
