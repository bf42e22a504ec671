/** @file Layers, losses and schedulers against PyTorch's own: keys, first weights, printing, outputs, gradients. See make-layer-fixtures.py. */
import { describe, expect, test } from 'vitest';
import * as torch from '../src/index.js';
import { distance, fixture, type Packed, unpack } from './fixture.js';
import { freeEverything } from './leaks.js';

freeEverything();

/** The kernels are PyTorch's own; what may differ is the order of sums, also of our attention (a few float32 steps of 6e-8). */
const TOLERANCE = 4e-6;

interface LayerCase {
  python: string;
  typescript: string;
  call: string;
  printed: string;
  initial: Record<string, [number[], number[]]>;
  state: Record<string, Packed>;
  inputs: Packed[];
  upstream: Packed[];
  outputs: Packed[];
  inputGrads: (Packed | null)[];
  grads: Record<string, Packed | null>;
}

type Value = torch.Tensor | null | readonly Value[];

const flat = (value: Value): torch.Tensor[] =>
  value === null ? [] : value instanceof torch.Tensor ? [value] : value.flatMap(flat);

/** TypeScript out of a fixture, where it stands beside the Python that made the numbers. */
const evaluate = (code: string, names: Record<string, unknown>): unknown =>
  new Function(...Object.keys(names), `return ${code}`)(...Object.values(names));

const make = (code: string) => evaluate(code, { nn: torch.nn, torch }) as torch.nn.Module;

/** Of these PyTorch says more, or other things, than we do. */
const PRINTED_OTHERWISE =
  /Loss|Upsample|Interpolate|Softplus|PReLU|Pool|TransformerEncoder|MultiheadAttention|GLU|InstanceNorm|SELU/;

describe.each(fixture<LayerCase[]>('more-layers.json'))('$python, $call', (wanted) => {
  test("keys, first weights and printing are PyTorch's", () => {
    torch.manualSeed(3);
    const layer = torch.scope(() => make(wanted.typescript));
    expect(Object.keys(layer.stateDict())).toEqual(Object.keys(wanted.state));
    for (const [name, parameter] of layer.namedParameters()) {
      const [shape, first] = wanted.initial[name]!;
      expect(parameter.shape, name).toEqual(shape);
      const ours = torch.scope(() => parameter.detach().flatten().tolist().slice(0, 3));
      if (name.startsWith('layers.1.')) continue; // PyTorch has a copy there
      for (const [i, value] of first.entries()) expect(ours[i], name).toBeCloseTo(value, 6);
    }
    if (!PRINTED_OTHERWISE.test(wanted.python)) expect(String(layer)).toBe(wanted.printed);
    layer.dispose();
  });

  test("outputs and gradients are PyTorch's", () => {
    const layer = torch.scope(() => make(wanted.typescript));
    torch.scope(() => {
      torch.noGrad(() => {
        const state = Object.entries(wanted.state).map(([key, value]) => [key, unpack(value)]);
        layer.loadStateDict(Object.fromEntries(state));
      });
      const inputs = wanted.inputs.map((packed, i) => unpack(packed).requiresGrad_(wanted.inputGrads[i] !== null));
      const [a, b, c] = inputs;
      const outputs = flat(evaluate(wanted.call, { m: layer, inputs, a, b, c }) as Value);
      expect(outputs.length).toBe(wanted.outputs.length);
      for (const [i, output] of outputs.entries())
        expect(distance(output, wanted.outputs[i]!), `output ${i}`).toBeLessThan(TOLERANCE);
      const following = outputs.filter((output) => output.requiresGrad);
      const upstream = wanted.upstream.filter((_, i) => outputs[i]!.requiresGrad).map(unpack);
      torch.backward(following, { gradients: upstream });
      inputs.forEach((input, i) => {
        if (wanted.inputGrads[i])
          expect(distance(input.grad!, wanted.inputGrads[i]), `input ${i}`).toBeLessThan(TOLERANCE);
      });
      for (const [name, parameter] of layer.namedParameters()) {
        const gradient = wanted.grads[name];
        if (gradient) expect(distance(parameter.grad!, gradient), name).toBeLessThan(TOLERANCE);
      }
    });
    layer.dispose();
  });
});

interface Schedule {
  python: string;
  typescript: string;
  metrics: number[];
  rates: number[];
}

test.each(fixture<Schedule[]>('schedulers.json'))('$python', ({ typescript, metrics, rates }) => {
  const x = torch.zeros([1], { requiresGrad: true });
  const o = new torch.optim.SGD([x], { lr: 0.1 });
  const scheduler = evaluate(typescript, { S: torch.optim.lrScheduler, o }) as { step(metric: number): void };
  const ours = [o.lr];
  for (const metric of metrics) {
    scheduler.step(metric);
    ours.push(o.lr);
  }
  for (const [i, rate] of ours.entries()) expect(rate, `step ${i}`).toBeCloseTo(rates[i]!, 12);
  x.dispose();
});
