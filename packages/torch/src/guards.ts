/**
 * @file What libtorch forgets to check, for operators that are otherwise for everyone: values with which a kernel reads memory
 * that is not its own, divides by zero or never ends. Found by test/children/fuzz.ts on libtorch 2.11; not needed by its Python, which
 * checks the same in its modules.
 */

/** An argument by its name in the schema; a default that was not given is undefined. */
export type Given = (name: string) => unknown;
/** What is wrong, or null. */
export type Guard = (given: Given) => string | null;

/** Tensors of one layer and direction. */
interface Cell {
  withBiases: number;
  without: number;
}

const PLAIN: Cell = { withBiases: 4, without: 2 };
const PROJECTED: Cell = { withBiases: 5, without: 3 };

function recurrent(...cells: Cell[]): Guard {
  return (given) => {
    const params = given('params');
    if (!Array.isArray(params)) return null; // refused by the addon, in better words
    const { length } = params;
    const layers = Number(given('num_layers')) * (given('bidirectional') === true ? 2 : 1);
    const biases = given('has_biases') === true;
    const wanted = cells.map((cell) => layers * (biases ? cell.withBiases : cell.without));
    if (layers < 1 || !wanted.includes(length)) return `params must hold ${wanted.join(' or ')} tensors, got ${length}`;
    return shapesOfCells(params, [given('hx')].flat(), { size: length / layers, biases });
  };
}

interface Sized {
  shape: readonly number[];
  dtype: string;
}

/** Of each cell: two weights, with biases these, and the weight of a projection where there is one. */
function shapesOfCells(
  params: Sized[],
  states: unknown[],
  { size, biases }: { size: number; biases: boolean },
): string | null {
  const isBias = (i: number) => biases && (i % size === 2 || i % size === 3);
  const wrong = params.findIndex(({ shape }, i) => shape.length !== (isBias(i) ? 1 : 2) || shape.includes(0));
  if (wrong >= 0)
    return `params[${wrong}] must have ${isBias(wrong) ? 'one dimension' : 'two dimensions'}, none of size 0`;
  const state = (states as Sized[]).find(({ shape }) => shape.length < 2 || shape.length > 3);
  if (state !== undefined) return `hx must have two or three dimensions, got [${state.shape.join(', ')}]`;
  const strange = [...params, ...(states as Sized[])].find(({ dtype }) => !dtype.includes('float'));
  return strange === undefined ? null : `params and hx must be of floating-point numbers, got ${strange.dtype}`;
}

const safe = (name: string): Guard => {
  return (given) =>
    Math.abs(Number(given(name))) <= Number.MAX_SAFE_INTEGER ? null : `${name} must be at most 2^53 - 1 in size`;
};

/** With one size huge and another zero the result is empty, and the kernel counts for years all the same. */
const outputSize: Guard = (given) =>
  [given('output_size')].flat().every((size) => Number(size) < 2 ** 31) ? null : 'output_size must be below 2^31';

const pivots: Guard = (given) => {
  const [data, found] = [given('LU_data'), given('LU_pivots')] as { shape: readonly number[] }[];
  if (!data || !found || data.shape.length < 2) return null;
  const wanted = [...data.shape.slice(0, -2), Math.min(...data.shape.slice(-2))];
  return String(found.shape) === String(wanted) ? null : `LU_pivots must have the shape [${wanted.join(', ')}]`;
};

/** It becomes an integer before libtorch divides by it. */
const wholeStep: Guard = (given) => {
  const step = given('step');
  const integers = typeof given('dtype') === 'string' && /^u?int/.test(given('dtype') as string);
  return integers && step !== undefined && Math.trunc(Number(step)) === 0
    ? `step must be at least 1 in size for ${given('dtype')}, got ${step}`
    : null;
};

/** More than any memory has elements. */
const MOST_OFFSET = 2 ** 47;
const offset: Guard = (given) => {
  const value = given('storage_offset');
  return value === undefined || value === null || Math.abs(Number(value)) <= MOST_OFFSET
    ? null
    : `storage_offset must be below 2^47, got ${value}`;
};

const GUARDS: Record<string, Guard> = {
  adaptive_avg_pool2d: outputSize,
  adaptive_avg_pool3d: outputSize,
  adaptive_max_pool2d: outputSize,
  adaptive_max_pool3d: outputSize,
  arange: wholeStep,
  as_strided: offset,
  as_strided_: offset,
  as_strided_scatter: offset,
  gru: recurrent(PLAIN),
  linalg_matrix_power: safe('n'),
  lstm: recurrent(PLAIN, PROJECTED),
  lu_unpack: pivots,
  matrix_power: safe('n'),
  range: wholeStep,
  set_: offset,
  native_channel_shuffle: (given) => (Number(given('groups')) > 0 ? null : 'groups must be positive'),
  rnn_relu: recurrent(PLAIN),
  rnn_tanh: recurrent(PLAIN),
};

export function guardOf(base: string): Guard | null {
  return Object.hasOwn(GUARDS, base) ? GUARDS[base]! : null;
}
