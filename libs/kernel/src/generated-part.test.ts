import { describe, expect, it } from 'vitest';
import { replaceGenerated } from './generated-part.ts';

const PAGE = '# Page\n\n<!-- generated:keys by npm run check -- --fix -->\nold\n<!-- /generated:keys -->\n\nOurs.  \n';

describe('replaceGenerated', () => {
  it('changes what is between the markers and nothing else', () => {
    expect(replaceGenerated(PAGE, 'keys', 'new $1 $&\n')).toBe(
      '# Page\n\n<!-- generated:keys by npm run check -- --fix -->\n\nnew $1 $&\n\n<!-- /generated:keys -->\n\nOurs.  \n',
    );
  });

  it('gives the same page when it is done twice', () => {
    const once = replaceGenerated(PAGE, 'keys', 'new');
    expect(replaceGenerated(once, 'keys', 'new')).toBe(once);
  });

  it('takes a marker without words', () => {
    expect(replaceGenerated('<!-- generated:a -->\n<!-- /generated:a -->', 'a', 'x')).toBe(
      '<!-- generated:a -->\n\nx\n\n<!-- /generated:a -->',
    );
  });

  it.each([
    ['no markers', '# Page\n'],
    ['another part', PAGE.replaceAll('keys', 'other')],
    ['no end', PAGE.replace('<!-- /generated:keys -->', '')],
    ['two parts', PAGE + PAGE],
    ['the end first', '<!-- /generated:keys -->\n<!-- generated:keys -->\n'],
  ])('refuses a page with %s', (_, page) => {
    expect(() => replaceGenerated(page, 'keys', 'x')).toThrow(/expected one part "generated:keys"/);
  });
});
