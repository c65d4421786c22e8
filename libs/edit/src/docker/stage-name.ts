/** The name behind AS in the arguments of a FROM, as written. */
export function stageName(logical: string): string | undefined {
  const words = logical.split(/\s+/);
  return words.at(-2)?.toUpperCase() === 'AS' ? words.at(-1) : undefined;
}
