import { expect, test } from 'vitest';
import { debianUrl, imageUrl, npmUrl } from './package-url.ts';

// Forms from the purl specification's own examples.
test('npm packages', () => {
  expect(npmUrl('foobar', '12.3.1')).toBe('pkg:npm/foobar@12.3.1');
  expect(npmUrl('@angular/animation', '12.3.1')).toBe('pkg:npm/%40angular/animation@12.3.1');
  expect(npmUrl('left', undefined)).toBe('pkg:npm/left');
});

test('Debian packages', () => {
  const item = { name: 'libstdc++6', version: '1:12.2.0-14+deb12u1~x', architecture: 'amd64' };
  expect(debianUrl(item, {})).toBe('pkg:deb/debian/libstdc%2B%2B6@1%3A12.2.0-14%2Bdeb12u1~x?arch=amd64');
  expect(debianUrl(item, { id: 'ubuntu', version: '24.04' })).toContain('pkg:deb/ubuntu/');
  expect(debianUrl(item, { id: 'ubuntu', version: '24.04' })).toMatch(/&distro=ubuntu-24\.04$/);
});

test('images', () => {
  expect(imageUrl('ghcr.io/acme/Agent', 'sha256:12', 'amd64')).toBe('pkg:oci/agent@sha256%3A12?arch=amd64');
});
