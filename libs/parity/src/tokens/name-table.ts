/** Names up to which identity is followed; more are not noted. */
const CAPACITY = 65_536;

/** Which name of NEW stands for which name of OLD: equal ones stay equal, different ones stay different, over all channels. */
export class NameTable {
  readonly #toNew = new Map<string, { name: string; channel: string }>();
  readonly #toOld = new Map<string, string>();

  /** Notes a pair; says what it contradicts. */
  note(old: string, now: string, channel: string): string | undefined {
    const known = this.#toNew.get(old);
    if (known !== undefined) {
      return known.name === now ? undefined : `OLD's ${old} is ${known.name} in ${known.channel}`;
    }
    const other = this.#toOld.get(now);
    if (other !== undefined) return `NEW's ${now} stands for OLD's ${other} as well`;
    if (this.#toNew.size < CAPACITY) {
      this.#toNew.set(old, { name: now, channel });
      this.#toOld.set(now, old);
    }
    return undefined;
  }
}
