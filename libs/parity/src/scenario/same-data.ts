/** Whether two values hold the same data: prototypes and the order of keys do not count, a key that is there and undefined does. */
export function sameData(one: unknown, other: unknown): boolean {
  if (Buffer.isBuffer(one) || Buffer.isBuffer(other)) {
    return Buffer.isBuffer(one) && Buffer.isBuffer(other) && one.equals(other);
  }
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return one === other;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const [members, others] = [Object.entries(one), new Map(Object.entries(other))];
  return (
    members.length === others.size &&
    members.every(([key, value]) => others.has(key) && sameData(value, others.get(key)))
  );
}
