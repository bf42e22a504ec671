/** @file The elements of a tensor as PyTorch writes them, all in one form. Source: torch/_tensor_str.py, class _Formatter. */

const PRECISION = 4;

export interface Cells {
  texts: string[];
  /** What the columns are laid out by; a rare text (`nan`, `-0.0000`) may be longer. */
  width: number;
}

export function cellsOf(values: number[], dtype: string): Cells {
  if (dtype === 'bool') return exact(values.map((value) => (value ? 'True' : 'False')));
  if (!dtype.includes('float')) return exact(values.map(String));
  return floats(values);
}

/** @param parts real and imaginary ones in turn */
export function complexCells(parts: number[]): Cells {
  const real = floats(parts.filter((_, i) => i % 2 === 0));
  const imaginary = floats(parts.filter((_, i) => i % 2 === 1));
  const join = (re: string, im: string) => `${re}${im.startsWith('-') ? '' : '+'}${im}j`;
  return {
    texts: real.texts.map((text, i) => join(text, imaginary.texts[i]!.trimStart())),
    width: real.width + imaginary.width + 1,
  };
}

function exact(texts: string[]): Cells {
  return padded(texts, Math.max(...texts.map((text) => text.length)));
}

function padded(texts: string[], width: number): Cells {
  return { texts: texts.map((text) => text.padStart(width)), width };
}

/** Whole numbers with a point, fixed, or scientific: the finite values other than zero decide, and they alone set the width. */
function floats(values: number[]): Cells {
  const deciding = values.filter((value) => Number.isFinite(value) && value !== 0);
  const sizes = deciding.map(Math.abs);
  const max = Math.max(...sizes);
  const min = Math.min(...sizes);
  const whole = deciding.every(Number.isInteger);
  const far = deciding.length > 0 && (max / min > 1000 || max > 1e8 || (!whole && min < 1e-4));
  const write = far ? exponential : whole ? (value: number) => `${signed(value, 0)}.` : fixed;
  const width = Math.max(1, ...deciding.map((value) => write(value).length));
  return padded(
    values.map((value) => (Number.isFinite(value) ? write(value) : special(value))),
    width,
  );
}

const special = (value: number) => (Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf');
const fixed = (value: number) => signed(value, PRECISION);
/** JavaScript drops the sign of -0. */
const signed = (value: number, digits: number) => (Object.is(value, -0) ? '-' : '') + value.toFixed(digits);

function exponential(value: number): string {
  const text = value.toExponential(PRECISION).replace(/e([+-])(\d)$/, 'e$10$2');
  return Object.is(value, -0) ? `-${text}` : text;
}
