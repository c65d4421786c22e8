const LINES = 40;
const SHOWN = 500;

/** Collects the first and the last lines of escaped text that passes, for people who read a pull request. */
export interface Excerpt {
  push(text: string): void;
  /** The lines, the long ones cut, with a remark that begins with `\#` for what was left out. */
  text(): string;
}

/** An excerpt of what is whole in the file `whole`; its memory does not grow with the text. */
export function excerpt(whole: string): Excerpt {
  const head: string[] = [];
  const tail: string[] = [];
  let count = 0;
  let line = '';
  let length = 0;
  const add = (part: string): void => {
    length += part.length;
    if (line.length < SHOWN) line += part.slice(0, SHOWN - line.length);
  };
  const endLine = (): void => {
    const shown = length > SHOWN ? `${line}\\# and ${length - SHOWN} more` : line;
    if (count < LINES) head.push(shown);
    else tail.push(shown);
    if (tail.length > LINES) tail.shift();
    count++;
    line = '';
    length = 0;
  };
  return {
    push(text) {
      let from = 0;
      for (let to = text.indexOf('\n'); to !== -1; to = text.indexOf('\n', from)) {
        add(text.slice(from, to));
        endLine();
        from = to + 1;
      }
      add(text.slice(from));
    },
    text() {
      const between = count - head.length - tail.length;
      const remark = `\\# ${between} lines between; all ${count} are in ${whole}`;
      return [...head, remark, ...tail].map((shown) => `${shown}\n`).join('');
    },
  };
}
