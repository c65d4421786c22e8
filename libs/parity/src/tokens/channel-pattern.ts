/** Whether a channel is meant by a pattern in which `*` stands for any text; no pattern means every channel. */
export function channelMatches(pattern: string | undefined, channel: string): boolean {
  if (pattern === undefined) return true;
  const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(channel);
}
