/**
 * @file L-BFGS for a smooth function of one vector: few, good steps where all data are looked at in each of them.
 * Source: Nocedal and Wright 2006, Numerical Optimization, algorithm 7.4 (directions); Lewis and Overton 2013,
 * doi 10.1007/s10107-012-0514-2, algorithm 2.6 (line search by bisection).
 */
import { scope } from '../scope.js';
import type { Tensor } from '../tensor.js';

export interface LbfgsOptions {
  /** Steps, at most. */
  iterations: number;
  /** Stops where no element of the gradient is larger. */
  tolerance?: number;
  /** Pairs of step and change of gradient that are remembered. */
  history?: number;
}

export interface LbfgsResult {
  value: number;
  iterations: number;
  /** Largest element of the gradient. */
  gradient: number;
  /** Why it ended: the gradient is within the tolerance; no step lowers the value in this number format; the steps ran out. */
  ended: 'tolerance' | 'rounding' | 'iterations';
}

/** Value and gradient at a point; the gradient is a new tensor of the point's shape. */
export type Objective = (x: Tensor) => { value: number; gradient: Tensor };

const DECREASE = 1e-4;
const CURVATURE = 0.9;
const MOST_TRIALS = 30;

interface Point {
  x: Tensor;
  value: number;
  gradient: Tensor;
}
interface Pair {
  step: Tensor;
  change: Tensor;
  /** 1 / (step . change) */
  rho: number;
}

const dot = (a: Tensor, b: Tensor): number => a.dot(b).item();
const largest = (x: Tensor): number => x.abs().max().item();

/** @param start [n], is changed to the point that was found */
export function lbfgs(
  objective: Objective,
  start: Tensor,
  { iterations, tolerance = 1e-5, history = 10 }: LbfgsOptions,
): LbfgsResult {
  return scope(() => {
    let at: Point = { x: start.clone(), ...objective(start) };
    const pairs: Pair[] = [];
    let done = 0;
    let ended: LbfgsResult['ended'] = 'tolerance';
    while (largest(at.gradient) > tolerance) {
      if (done === iterations) {
        ended = 'iterations';
        break;
      }
      const direction = towardsMinimum(at.gradient, pairs);
      const next = lineSearch(objective, at, direction, done === 0 ? Math.min(1, 1 / largest(at.gradient)) : 1);
      if (next === null) {
        ended = 'rounding';
        break;
      }
      const pair = { step: next.x.sub(at.x), change: next.gradient.sub(at.gradient) };
      pairs.push({ ...pair, rho: 1 / dot(pair.step, pair.change) });
      if (pairs.length > history) forgetOldest(pairs);
      at.x.dispose();
      at.gradient.dispose();
      direction.dispose();
      at = next;
      done++;
    }
    start.copy_(at.x);
    return { value: at.value, iterations: done, gradient: largest(at.gradient), ended };
  });
}

function forgetOldest(pairs: Pair[]): void {
  const { step, change } = pairs.shift()!;
  step.dispose();
  change.dispose();
}

/** The two-loop recursion: minus the gradient, times what the pairs tell of the inverse Hessian. */
function towardsMinimum(gradient: Tensor, pairs: readonly Pair[]): Tensor {
  const direction = gradient.neg();
  scope(() => {
    const shares = pairs.map(() => 0);
    for (let i = pairs.length - 1; i >= 0; i--) {
      const { step, change, rho } = pairs[i]!;
      shares[i] = rho * dot(step, direction);
      direction.sub_(change, { alpha: shares[i]! });
    }
    const last = pairs.at(-1);
    if (last !== undefined) direction.mul_(1 / (last.rho * dot(last.change, last.change)));
    for (const [i, { step, change, rho }] of pairs.entries()) {
      direction.add_(step, { alpha: shares[i]! - rho * dot(change, direction) });
    }
  });
  return direction;
}

/** A step that lowers the value enough and flattens the slope, or null where there is none to be found. */
function lineSearch(objective: Objective, from: Point, direction: Tensor, first: number): Point | null {
  const slope = dot(from.gradient, direction);
  let [low, high, length] = [0, Number.POSITIVE_INFINITY, first];
  for (let trial = 0; trial < MOST_TRIALS; trial++) {
    const x = from.x.add(direction, { alpha: length });
    const { value, gradient } = objective(x);
    if (!(value <= from.value + DECREASE * length * slope)) high = length;
    else if (dot(gradient, direction) < CURVATURE * slope) low = length;
    else return { x, value, gradient };
    x.dispose();
    gradient.dispose();
    length = high < Number.POSITIVE_INFINITY ? (low + high) / 2 : 2 * low;
  }
  return null;
}
