/**
 * Identifiers of the SPDX License List that packages are commonly under. Not the whole list: what is not here is quoted
 * as text and left undecided, which is true of every licence.
 */
const KNOWN: ReadonlySet<string> = new Set(
  `0BSD AFL-2.1 AGPL-3.0-only AGPL-3.0-or-later Apache-1.1 Apache-2.0 Artistic-1.0 Artistic-2.0 BSD-2-Clause
   BSD-3-Clause BSD-3-Clause-Clear BSL-1.0 BlueOak-1.0.0 CC-BY-3.0 CC-BY-4.0 CC-BY-SA-4.0 CC0-1.0 CDDL-1.0 EPL-1.0
   EPL-2.0 EUPL-1.2 GPL-2.0-only GPL-2.0-or-later GPL-3.0-only GPL-3.0-or-later ISC LGPL-2.1-only LGPL-2.1-or-later
   LGPL-3.0-only LGPL-3.0-or-later MIT MIT-0 MPL-1.1 MPL-2.0 NCSA OFL-1.1 OpenSSL PSF-2.0 Python-2.0 Ruby Unicode-3.0
   Unicode-DFS-2016 Unlicense UPL-1.0 W3C WTFPL X11 Zlib`.split(/\s+/),
);
const EXCEPTIONS: ReadonlySet<string> = new Set(['Classpath-exception-2.0', 'LLVM-exception', 'GCC-exception-3.1']);

/**
 * A licence as a package states it, when it is a licence expression (SPDX 2.3, annex D) of identifiers that are known
 * here; undefined for everything else, such as "SEE LICENSE IN ...".
 */
export function licenseExpression(text: string): string | undefined {
  const tokens = text.match(/[()]|[^\s()]+/g) ?? [];
  let at = 0;
  const simple = (): boolean => {
    const token = tokens[at++] ?? '';
    if (token === '(') return compound() && tokens[at++] === ')';
    if (!KNOWN.has(token.replace(/\+$/, ''))) return false;
    if (tokens[at] !== 'WITH') return true;
    at += 2;
    return EXCEPTIONS.has(tokens[at - 1] ?? '');
  };
  const compound = (): boolean => {
    if (!simple()) return false;
    while (tokens[at] === 'AND' || tokens[at] === 'OR') {
      at += 1;
      if (!simple()) return false;
    }
    return true;
  };
  return compound() && at === tokens.length ? tokens.join(' ').replaceAll('( ', '(').replaceAll(' )', ')') : undefined;
}

/** The licence that a `package.json` states, in any of the forms npm has taken over the years. */
export function statedLicense(manifest: { license?: unknown; licenses?: unknown }): string | undefined {
  const all = Array.isArray(manifest.licenses) ? manifest.licenses : [manifest.license ?? manifest.licenses];
  const names = all.map((each: unknown) =>
    typeof each === 'object' && each !== null && 'type' in each ? each.type : each,
  );
  const texts = names.filter((name): name is string => typeof name === 'string' && name !== '');
  if (texts.length === 0) return undefined;
  return texts.length === 1 ? texts[0] : `(${texts.join(' OR ')})`;
}
