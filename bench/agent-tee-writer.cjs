// agent-tee-writer.cjs BYTES [PREFIX]: that many bytes of lines (PREFIX and 80 bytes each) on stdout, 64 KiB in each write.
const { writeSync } = require('node:fs');

const [total = '0', prefix = ''] = process.argv.slice(2);
const line = `${prefix}${'abcdefghijklmnopqrstuvwxyz 0123456789 '.repeat(3).slice(0, 79)}\n`;
const WRITE = 65_536;
const lines = Buffer.from(line.repeat(Math.ceil(WRITE / line.length) + 1));
for (let written = 0; written < Number(total); ) {
  const at = written % line.length;
  written += writeSync(1, lines, at, Math.min(WRITE, Number(total) - written));
}
