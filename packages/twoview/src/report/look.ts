/** @file Colours, symbols and dashes of the figures. Every series differs in form as well as colour, so that print in gray works. */
import { ARMS, type Arm } from '../config/compare.js';

export interface Look {
  name: string;
  colour: string;
  symbol: 'circle' | 'square' | 'triangle-up';
  /** Drawn and left out, in pixels. */
  dash: readonly [number, number];
}

/** Colours that people with any colour vision tell apart (Okabe and Ito 2008); style.ts has their values by day and by night. */
const [BLUE, ORANGE, GREEN] = ['var(--blue)', 'var(--orange)', 'var(--green)'] as const;
const NETWORK_COLOURS = [BLUE, ORANGE, GREEN, 'var(--purple)', 'var(--sky)', 'var(--yellow)'] as const;

const LOOKS: Record<Arm, Omit<Look, 'name'>> = {
  supervised: { colour: BLUE, symbol: 'circle', dash: [2, 3] },
  transfer: { colour: ORANGE, symbol: 'square', dash: [7, 3] },
  'semi-supervised': { colour: GREEN, symbol: 'triangle-up', dash: [1, 0] },
};

export const armLooks = (arms: readonly Arm[]): Look[] =>
  ARMS.filter((arm) => arms.includes(arm)).map((name) => ({ name, ...LOOKS[name] }));

export const networkLooks = (names: readonly string[]): Look[] =>
  names.map((name, i) => ({
    name,
    colour: NETWORK_COLOURS[i % NETWORK_COLOURS.length]!,
    symbol: 'circle',
    dash: [1, 0],
  }));

/** Colour, symbol and dash of a Vega-Lite mark by a field whose values are the looks' names; legends are HTML. */
export function encodingOf(looks: readonly Look[], field: string) {
  const domain = looks.map(({ name }) => name);
  const by = (range: unknown[]) => ({ field, type: 'nominal', legend: null, scale: { domain, range } });
  return {
    color: by(looks.map(({ colour }) => colour)),
    shape: by(looks.map(({ symbol }) => symbol)),
    strokeDash: by(looks.map(({ dash }) => dash)),
  };
}
