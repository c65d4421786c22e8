import type { CrashLevel } from '../model/scenario.ts';
import type { ChannelRules } from '../tokens/channel-rules.ts';
import type { StampWindow } from '../tokens/stamp-track.ts';
import type { TokenBook } from '../tokens/token-book.ts';
import type { LineKernel } from './line-kernel.ts';

/** When one side's stamps may lie: of local time, and of UTC. Absent for a recorded side, or where the zone is unknown. */
export interface SideWindows {
  local?: StampWindow;
  utc?: StampWindow;
}

/** What the comparison of one channel goes by. */
export interface ChannelContext {
  channel: string;
  rules: ChannelRules;
  crash: CrashLevel;
  book: TokenBook;
  old: SideWindows;
  now: SideWindows;
  kernel: LineKernel;
}
