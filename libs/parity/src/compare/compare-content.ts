import type { Content } from '../model/observation.ts';
import type { CrashLevel } from '../model/scenario.ts';
import type { Divergence } from '../model/verdict.ts';
import type { ChannelRules } from '../tokens/channel-rules.ts';
import { countHits } from '../tokens/count-hits.ts';
import type { TokenBook } from '../tokens/token-book.ts';
import { openSource } from './byte-source.ts';
import type { SideWindows } from './channel-context.ts';
import { compareElided } from './elided-text.ts';
import type { LineKernel } from './line-kernel.ts';
import { firstUnequalBlock } from './raw-equal.ts';
import { Side } from './side.ts';
import { compareText } from './text-comparison.ts';

/** What the comparison of contents goes by, for one scenario. */
export interface ContentRules {
  book: TokenBook;
  kernel: LineKernel;
  crash: CrashLevel;
  rootMount: string;
  /** How often the rules that have bounds were found in NEW. */
  hits: Map<string, number>;
  /** Rules with a `mustHit` or an `atMost`. */
  counted: ReadonlySet<string>;
}

/** Compares two contents: as bytes first, and by lines with tokens only when they are not equal. */
export async function compareContent(
  channel: string,
  old: Content | undefined,
  now: Content | undefined,
  rules: ChannelRules,
  windows: { old: SideWindows; now: SideWindows },
  common: ContentRules,
): Promise<Divergence[]> {
  if (old === undefined && now === undefined) return [];
  if (old === undefined || now === undefined) {
    const [has, lacks] = old === undefined ? ['NEW', 'OLD'] : ['OLD', 'NEW'];
    return [{ channel, kind: 'bytes', message: `${channel} was captured of ${has} and not of ${lacks}`, bytes: 1 }];
  }
  if (now.kind === 'elided') return compareDigests(channel, old, now);
  const newSource = openSource(now);
  try {
    if (
      [...rules.kinds.keys(), ...rules.patterns.map(({ rule }) => rule.name)].some((name) => common.counted.has(name))
    ) {
      for (const [name, count] of countHits(new Side(newSource), rules)) {
        common.hits.set(name, (common.hits.get(name) ?? 0) + count);
      }
    }
    if (old.kind === 'elided') return await compareElided(channel, old, newSource, common.rootMount);
    const oldSource = openSource(old);
    try {
      if ((await firstUnequalBlock(oldSource, newSource)) === undefined) return [];
      const { book, kernel, crash } = common;
      return await compareText(oldSource, newSource, { channel, rules, crash, book, kernel, ...windows });
    } finally {
      oldSource.close();
    }
  } finally {
    newSource.close();
  }
}

function compareDigests(channel: string, old: Content, now: Extract<Content, { kind: 'elided' }>): Divergence[] {
  if (old.kind === 'elided' && old.size === now.size && old.normalised.sha256 === now.normalised.sha256) return [];
  const message = `${channel}: NEW is a recording that did not keep this text, and OLD is not the same recording`;
  return [{ channel, kind: 'bytes', message, bytes: now.size }];
}
