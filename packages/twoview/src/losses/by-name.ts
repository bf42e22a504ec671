/** @file The losses that `--loss` knows. */
import type { LossName, PretrainConfig } from '../config/pretrain.js';
import { barlowTwins } from './barlow-twins.js';
import { decoupled, decoupledRows } from './decoupled.js';
import type { Loss } from './loss.js';
import { chanceLine, ntXent, ntXentRows } from './nt-xent.js';
import { suncet, suncetRows } from './suncet.js';
import { vicreg } from './vicreg.js';

export type LossSettings = Pick<PretrainConfig, 'loss' | 'temperature'>;
type Temperature = LossSettings['temperature'];

const contrastive =
  (title: string, published: number, make: (temperature: number) => Omit<Loss, 'name' | 'title' | 'temperature'>) =>
  (name: LossName, wanted: Temperature): Loss => {
    const temperature = wanted === 'auto' ? published : wanted;
    return { name, title, temperature, ...make(temperature) };
  };

const LOSSES: Record<LossName, (name: LossName, temperature: Temperature) => Loss> = {
  'nt-xent': contrastive('NT-Xent', 0.5, (temperature) => ({
    about: 'the two views of an image attract, all other views repel (Chen et al. 2020)',
    of: (zA, zB) => ntXent(zA, zB, { temperature }),
    rows: (unit, rows) => ntXentRows(unit, { ...rows, temperature }),
    collapsed: chanceLine,
  })),
  decoupled: contrastive('decoupled contrastive loss', 0.1, (temperature) => ({
    about: 'NT-Xent without the partner in the denominator (Yeh et al. 2022)',
    of: (zA, zB) => decoupled(zA, zB, { temperature }),
    rows: (unit, rows) => decoupledRows(unit, rows, temperature),
    collapsed: (n) => Math.log(2 * n - 2),
  })),
  suncet: contrastive('SuNCEt', 0.1, (temperature) => ({
    about: 'NT-Xent in which all views of a class are partners, where it is known (Assran et al. 2020)',
    of: (zA, zB, labels) => suncet(zA, zB, labels!, { temperature }),
    rows: (unit, rows, labels) => suncetRows(unit, rows, labels!, temperature),
    asksForLabels: true,
    collapsed: () => null,
  })),
  'barlow-twins': (name) => ({
    name,
    title: 'Barlow Twins',
    temperature: null,
    about:
      'each number of a projection varies with itself in the other view, and with no other number (Zbontar et al. 2021)',
    of: (zA, zB) => barlowTwins(zA, zB),
    collapsed: () => null,
  }),
  vicreg: (name) => ({
    name,
    title: 'VICReg',
    temperature: null,
    about: 'the two views of an image have one projection, whose numbers vary, and not together (Bardes et al. 2022)',
    of: (zA, zB) => vicreg(zA, zB),
    collapsed: () => null,
  }),
};

/**
 * @param own the caller's, which comes before the one that settings name
 * @returns the loss that the settings name, with the temperature of its paper where they say `auto`
 */
export const lossOf = ({ loss, temperature }: LossSettings, own?: Loss): Loss => own ?? LOSSES[loss](loss, temperature);
