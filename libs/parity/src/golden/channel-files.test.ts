import fc from 'fast-check';
import { expect, test } from 'vitest';
import { channelFileNames } from './channel-files.ts';

test.each([
  ['run1/stdout', 'run1-stdout.esc'],
  ['host:/etc/skyhook/flags/START', 'host+etc+skyhook+flags+START.esc'],
  ['host:/var/log/a.sh\\{log-stamp:1}.log', 'host+var+log+a.sh{log-stamp-1}.log.esc'],
  ['container:/x', 'container+x.esc'],
])('%j is stored as %s', (channel, name) => {
  expect(channelFileNames([channel]).get(channel)).toBe(name);
});

test('names are safe, short and different, also where case does not count, and do not depend on the order', () => {
  const part = fc.oneof(
    fc.constantFrom('a', 'A', 'a+b', 'é', 'x y', '..', '{a-1}', '\\{a:1}', 'b'.repeat(300)),
    fc.string({ maxLength: 4 }),
  );
  const channels = fc.uniqueArray(
    fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => `host:/${parts.join('/')}`),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(channels, (list) => {
      const names = channelFileNames(list);
      const lower = [...names.values()].map((name) => name.toLowerCase());
      expect(new Set(lower).size).toBe(list.length);
      for (const name of names.values()) expect(name).toMatch(/^[A-Za-z0-9][A-Za-z0-9._+{}-]{1,139}$/);
      expect(channelFileNames([...list].reverse())).toEqual(new Map([...names].reverse()));
    }),
    { numRuns: 500 },
  );
});
