import { expect, test } from 'vitest';
import { GroupTable } from './group-table.ts';
import { PAUSE, StampTrack } from './stamp-track.ts';

function track(equalGroups = true): (old: number, now: number) => string | undefined {
  const context = { old: undefined, now: undefined, equalGroups, pause: PAUSE, groups: new GroupTable(), channel: 0 };
  const one = new StampTrack(context);
  return (old, now) => one.take(new Float64Array([old, now]), 26);
}

test('stamps that a pause parts are parted, also when it is made of short steps', () => {
  const take = track();
  expect([take(0, 5), take(30_000, 5), take(60_000, 5)]).toEqual([undefined, undefined, 'merged']);
});

test('one chunk has one stamp, unless chunks are chance', () => {
  const [strict, free] = [track(), track(false)];
  expect([strict(7, 5), strict(7, 6)]).toEqual([undefined, 'split']);
  expect([free(7, 5), free(7, 6)]).toEqual([undefined, undefined]);
});
