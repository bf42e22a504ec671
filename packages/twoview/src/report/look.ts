/** @file Colours, symbols and dashes of the figures. Every series differs in form as well as colour, so that print in gray works. */
import { ARMS, type Arm } from '../config/compare.js';

export interface Look {
  name: string;
  colour: string;
  symbol: 'circle' | 'square' | 'triangle-up' | 'diamond' | 'cross';
  /** Drawn and left out, in pixels; null where there are points and no line. */
  dash: readonly [number, number] | null;
}

/** Colours that people with any colour vision tell apart (Okabe and Ito 2008); style.ts has their values by day and by night. */
const [BLUE, ORANGE, GREEN] = ['var(--blue)', 'var(--orange)', 'var(--green)'] as const;
const NETWORK_COLOURS = [BLUE, ORANGE, GREEN, 'var(--purple)', 'var(--sky)', 'var(--yellow)'] as const;

const LOOKS: Record<Arm, Omit<Look, 'name'>> = {
  supervised: { colour: BLUE, symbol: 'circle', dash: [2, 3] },
  transfer: { colour: ORANGE, symbol: 'square', dash: [7, 3] },
  'semi-supervised': { colour: GREEN, symbol: 'triangle-up', dash: [1, 0] },
  frozen: { colour: 'var(--purple)', symbol: 'diamond', dash: [5, 2] },
  random: { colour: 'var(--soft)', symbol: 'cross', dash: [1, 4] },
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

/** Pairs of views: of one image, and of two. */
export const pairLooks = (): Look[] => [
  { name: 'two views of one image', colour: GREEN, symbol: 'circle', dash: [1, 0] },
  { name: 'views of different images', colour: ORANGE, symbol: 'square', dash: [4, 2] },
];

const SYMBOLS = ['circle', 'triangle-up', 'square'] as const;
/** Colour and symbol together tell so many classes apart. */
const MOST_CLASSES = NETWORK_COLOURS.length * SYMBOLS.length - 1;

export interface ClassLooks {
  list: Look[];
  /** Name of the look of each class; undefined for those that share the last one. */
  names: (string | undefined)[];
  other: string;
}

/** Looks for the most frequent classes; the others, and images of no known class, share a gray one. */
export function classLooks(classes: readonly string[], labels: readonly number[]): ClassLooks {
  const counts = classes.map((_, c) => labels.filter((label) => label === c).length);
  const frequent = [...classes.keys()].sort((a, b) => counts[b]! - counts[a]!).slice(0, MOST_CLASSES);
  const shown = classes.map((name, c) => (frequent.includes(c) && counts[c]! > 0 ? name : undefined));
  const other = classes.length > MOST_CLASSES ? 'other classes' : 'class not known';
  const named = shown.flatMap((name) => name ?? []);
  const list = named.map(
    (name, i): Look => ({
      name,
      colour: NETWORK_COLOURS[i % NETWORK_COLOURS.length]!,
      symbol: SYMBOLS[Math.floor(i / NETWORK_COLOURS.length)]!,
      dash: null,
    }),
  );
  const rest = labels.some((label) => shown[label] === undefined);
  const gray: Look = { name: other, colour: 'var(--soft)', symbol: 'circle', dash: null };
  return { list: rest ? [...list, gray] : list, names: shown, other };
}

/** Colour, symbol and dash of a Vega-Lite mark by a field whose values are the looks' names; legends are HTML. */
export function encodingOf(looks: readonly Look[], field: string) {
  const domain = looks.map(({ name }) => name);
  const by = (range: unknown[]) => ({ field, type: 'nominal', legend: null, scale: { domain, range } });
  return {
    color: by(looks.map(({ colour }) => colour)),
    shape: by(looks.map(({ symbol }) => symbol)),
    strokeDash: by(looks.map(({ dash }) => dash ?? [1, 0])),
  };
}
