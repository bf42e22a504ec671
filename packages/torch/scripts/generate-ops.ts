/**
 * @file Writes src/generated/ops.ts, the type of every operator, from libtorch's own schemas, so that an editor completes
 * them and the compiler checks them, and src/generated/functions.ts, the same as functions of the package. Only types: at run time the dispatcher's schemas decide (overloads.ts).
 *
 *   node packages/torch/dist/scripts/generate-ops.js          writes the files
 *
 * Left out: what is internal, writes into given tensors or has types without a JavaScript form (src/offered.ts), and a few
 * that nobody writes by hand (copies made by libtorch's compiler, sparse layouts, symbolic sizes). `torch.op` and
 * `torch.unsafeOp` reach all of them.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { methodNames } from '../src/dispatch/methods.js';
import { isInternal, isOffered } from '../src/dispatch/offered.js';
import { type Argument, camelCase, type Overload, overload } from '../src/dispatch/overloads.js';
import { load } from '../src/load.js';
import { native } from '../src/native.js';

const SKIPPED = /_copy$|sparse|sym_|^is_|_symint/;

const TYPES: Record<string, string> = {
  Tensor: 'Tensor',
  Scalar: 'Scalar',
  int: 'number',
  SymInt: 'number',
  float: 'number',
  bool: 'boolean',
  str: 'string',
  Device: 'string',
  ScalarType: 'DType',
  MemoryFormat: 'MemoryFormat',
  Layout: 'Layout',
  Generator: 'Generator',
  'Tensor[]': 'readonly Tensor[]',
  'Tensor?[]': 'readonly (Tensor | null)[]',
  'str[]': 'readonly string[]',
  'bool[]': 'readonly boolean[]',
};

function typeOf(argument: Argument): string {
  const numbers = argument.length === undefined ? 'readonly number[]' : 'number | readonly number[]';
  const type = TYPES[argument.base] ?? numbers;
  return argument.nullable ? `${type} | null` : type;
}

function resultOf(one: Overload): string {
  const name = (type: string) =>
    type === 'Tensor[]' ? 'Tensor[]' : type === 'Tensor' ? 'Tensor' : type === 'bool' ? 'boolean' : 'number';
  if (one.returns.length === 0) return 'void';
  if (one.returns.length === 1) return name(one.returns[0]!.type);
  return `[${one.returns.map((r) => name(r.type)).join(', ')}]`;
}

const RESERVED = new Set(['this', 'var', 'function', 'in', 'new', 'default', 'self']);
const parameter = (key: string) => (RESERVED.has(key) ? `${key}_` : key);

/** The trailing object that names arguments; it may be left out when none of them must be given. */
function optionsOf(named: Argument[]): string {
  const optional = named.every((a) => a.hasDefault || a.nullable);
  return `options${optional ? '?' : ''}: { ${named.map((a) => `${a.key}${a.hasDefault || a.nullable ? '?' : ''}: ${typeOf(a)}`).join('; ')} }`;
}

/** The signatures of one overload: everything positional, with a last options object, and mixed. */
function signatures(one: Overload, asMethod: boolean): string[] {
  const args = asMethod ? one.arguments.slice(1) : one.arguments;
  const positional = args.filter((a) => !a.kwargOnly);
  const required = positional.filter((a) => !a.hasDefault);
  const named = args.filter((a) => a.kwargOnly || a.hasDefault);
  const list = (some: Argument[]) => some.map((a) => `${parameter(a.key)}${a.hasDefault ? '?' : ''}: ${typeOf(a)}`);
  const result = resultOf(one);
  const forms: string[] = [];
  if (named.length > 0) forms.push(`(${[...list(required), optionsOf(named)].join(', ')}): ${result}`);
  const given = positional.map((a) => `${parameter(a.key)}: ${typeOf(a)}`);
  const onlyNamed = args.filter((a) => a.kwargOnly);
  if (onlyNamed.length > 0 && positional.length > required.length)
    forms.push(`(${[...given, optionsOf(onlyNamed)].join(', ')}): ${result}`);
  const mustName = args.some((a) => a.kwargOnly && !a.hasDefault && !a.nullable);
  if (!mustName && (named.length === 0 || positional.length > required.length))
    forms.push(`(${list(positional).join(', ')}): ${result}`);
  return forms;
}

function overloadsByName(): Map<string, Overload[]> {
  const found = new Map<string, Overload[]>();
  for (const [base, names] of [...methodNames(native().operatorNames())].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (isInternal(base) || SKIPPED.test(base)) continue;
    const offered = names.map(overload).filter((one): one is Overload => one !== null && isOffered(one));
    if (offered.length > 0) found.set(base, offered);
  }
  return found;
}

const isMethod = (one: Overload) => one.arguments[0]?.type === 'Tensor' && !one.arguments[0].hasDefault;

/** An interface with one property an operator: an object type of call signatures. */
function interfaceOf(name: string, doc: string, operators: Map<string, Overload[]>, asMethod: boolean): string {
  const lines: string[] = [];
  for (const [base, all] of operators) {
    const some = asMethod ? all.filter(isMethod) : all;
    if (some.length === 0) continue;
    const forms = [...new Set(some.flatMap((one) => signatures(one, asMethod)))];
    for (const form of forms) lines.push(`  ${camelCase(base)}${form};`);
  }
  return `/** ${doc} */\nexport interface ${name} {\n${lines.join('\n')}\n}\n`;
}

export async function generate(): Promise<string> {
  await load();
  const operators = overloadsByName();
  return `/**
 * @file Generated by packages/torch/scripts/generate-ops.ts from the schemas of libtorch ${native().buildInfo().version}; do not edit.
 */
import type { DType, Layout, MemoryFormat } from '../dtype.js';
import type { Generator } from '../random.js';
import type { Tensor } from '../tensor.js';

/** A whole number is an integer to libtorch, any other a double. */
export type Scalar = number | boolean | bigint;

${interfaceOf('TensorOps', 'Operators as methods of their first tensor.', operators, true)}
${interfaceOf('Ops', 'Operators as functions.', operators, false)}`;
}

/** Written by hand (src/functions.ts, creation.ts), or names that the package has for something else. */
const OWN = new Set(
  'crossEntropy einsum empty eye full normalize ones op rand randint randn randperm zeros'.split(' '),
);
const METHODS_ONLY = /^(item|size|stride|setData|retainGrad|isLeaf|backward|data|copy|load|grad)$/;

/** Every operator by its name in `torch`, as in PyTorch: `torch.sin`, `torch.bmm`. */
export async function generateFunctions(): Promise<string> {
  await load();
  const names = [...overloadsByName().keys()].map(camelCase);
  const public_ = names.filter((name) => !name.startsWith('_') && !OWN.has(name) && !METHODS_ONLY.test(name));
  const lines = public_.map((name) =>
    RESERVED.has(name)
      ? `const ${name}_ = named('${name}');\nexport { ${name}_ as ${name} };`
      : `export const ${name} = named('${name}');`,
  );
  return `/**
 * @file Generated by packages/torch/scripts/generate-ops.ts from the schemas of libtorch ${native().buildInfo().version}; do not edit.
 */
import { named } from '../named.js';

${lines.join('\n')}
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, text] of [
    ['ops.ts', await generate()],
    ['functions.ts', await generateFunctions()],
  ] as const) {
    const target = fileURLToPath(new URL(`../../src/generated/${name}`, import.meta.url));
    writeFileSync(target, text);
    console.log(`wrote ${target}`);
  }
}
