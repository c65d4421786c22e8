import { describe, expect, it } from 'vitest';
import type { YamlItemOperation } from '../operations.ts';
import { editYamlItem } from './edit-item.ts';
import { edited, failureOf } from './yaml-files.fixture.ts';

const bots = `version: 2
updates:
# the library
- package-ecosystem: gomod
  directory: /lib
# the old agent
- package-ecosystem: "pip"   # python
  directory: "/agent"

  schedule: { interval: weekly }
- package-ecosystem: gomod
  directory: /agent/go
  commit-message:
    prefix: agent
`;
const item = (text: string, operation: Omit<YamlItemOperation, 'list'>, list = 'updates'): string =>
  edited(text, (bytes) => editYamlItem(bytes, { list, ...operation }));
const failure = (text: string, operation: YamlItemOperation): string =>
  failureOf(() => editYamlItem(Buffer.from(text), operation));

describe('yaml.item', () => {
  it('deletes the one item that fits, with its comments', () => {
    expect(item(bots, { where: { 'package-ecosystem': 'pip' }, delete: true })).toBe(
      bots.replace(/# the old agent[\s\S]*?weekly }\n/, ''),
    );
  });

  it('sets fields of it, nested ones too, and makes what is missing', () => {
    const where = { 'package-ecosystem': 'gomod', 'commit-message.prefix': 'agent' };
    expect(item(bots, { where, set: { directory: '/agent', 'commit-message.prefix': 'a: b' } })).toBe(
      bots.replace('/agent/go', '/agent').replace('prefix: agent', 'prefix: "a: b"'),
    );
    expect(item(bots, { where, set: { 'schedule.interval': 'daily', 'schedule.day': 'monday' } })).toBe(
      `${bots}  schedule:\n    interval: daily\n    day: monday\n`,
    );
  });

  it('sees what comes by alias and merge key', () => {
    const text = 'x: &x { name: a }\nl:\n  - <<: *x\n    k: 1\n  - *x\n  - name: b\n';
    expect(failure(text, { list: 'l', where: { name: 'a' }, delete: true })).toBe(
      'EDIT_AMBIGUOUS: l has 2 items with {"name":"a"}: line 3, column 3; line 5, column 3 | Name more fields in `where`.',
    );
    expect(item(text, { where: { name: 'a', k: 1 }, set: { k: 2 } }, 'l')).toBe(text.replace('k: 1', 'k: 2'));
    expect(item(text, { where: { name: 'b' }, delete: true }, 'l')).toBe(text.replace('  - name: b\n', ''));
  });

  it('finds steps by nested fields, in braces too', () => {
    const text = 'steps: [{ uses: a, with: { name: x } }, { uses: a, with: { "a.b": [1] } }]\n';
    expect(item(text, { where: { '"with"."a.b"': [1] }, set: { uses: 'b' } }, 'steps')).toBe(
      text.replace('{ uses: a, with: { "a', '{ uses: b, with: { "a'),
    );
    expect(item(text, { where: { 'with."a.b"[0]': 1 }, delete: true }, 'steps')).toBe(
      'steps: [{ uses: a, with: { name: x } }]\n',
    );
  });

  it('finds nothing to do where an item has the new fields', () => {
    const operation: YamlItemOperation = {
      list: 'updates',
      where: { directory: '/agent/go' },
      set: { directory: '/go' },
    };
    const once = edited(bots, (bytes) => editYamlItem(bytes, operation));
    expect(editYamlItem(Buffer.from(once), operation)).toEqual({ splices: [], matches: 1 });
  });

  it.each<[string, YamlItemOperation, string]>([
    [
      'no item that fits',
      { list: 'updates', where: { 'package-ecosystem': 'npm' }, delete: true },
      'EDIT_NO_MATCH: updates has no item with {"package-ecosystem":"npm"}, it has 3 items | The field package-ecosystem is: "gomod", "pip", "gomod".',
    ],
    ['no such field', { list: 'updates', where: { name: 1 }, delete: true }, 'No item has a field name.'],
    ['no verb', { list: 'updates', where: { name: 1 } }, 'EDIT_INVALID: expected either set or delete, found none'],
    ['two verbs', { list: 'updates', where: { name: 1 }, set: { a: 1 }, delete: true }, 'found both'],
    ['an empty where', { list: 'updates', where: {}, delete: true }, 'EDIT_INVALID: expected at least one field'],
    ['a mapping', { list: 'updates[2]', where: { name: 1 }, delete: true }, 'EDIT_INVALID: expected a list'],
  ])('refuses %s', (_, operation, message) => {
    expect(failure(bots, operation)).toContain(message);
  });
});
