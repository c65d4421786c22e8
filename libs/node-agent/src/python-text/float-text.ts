/**
 * str() and repr() of a float (contract 18.2): the shortest text that reads back the same, in fixed notation for decimal
 * exponents from -4 to 15, else with a signed exponent of at least two digits: `1000.0`, `1e+16`, `1e-07`, `nan`, `-inf`.
 */
export function floatText(x: number): string {
  if (Number.isNaN(x)) return 'nan';
  if (!Number.isFinite(x)) return x > 0 ? 'inf' : '-inf';
  if (Object.is(x, -0)) return '-0.0';
  const [digits = '', exponent = ''] = x.toExponential().split('e');
  const power = Number(exponent);
  if (power < -4 || power > 15) {
    return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
  }
  // JavaScript writes these in fixed notation as well: it changes over below 1e-6 and from 1e21.
  const text = String(x);
  return text.includes('.') ? text : `${text}.0`;
}
