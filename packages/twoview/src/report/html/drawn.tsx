/** @file From a figure's description to its place on the page. */
import type { VNode } from 'preact';
import type { Figure } from '../figures.js';
import { toSvg } from '../render.js';
import { Legend } from './legend.js';
import { Svg } from './raw.js';

/** @param words what the figure shows, for screen readers */
export async function drawn({ legend, panels }: Figure, caption: string, words: string): Promise<VNode> {
  const drawings = await Promise.all(panels.map(async ({ title, spec }) => ({ title, svg: await toSvg(spec) })));
  return (
    <figure>
      <Legend looks={legend} />
      <div class="panels" role="img" aria-label={words}>
        {drawings.map(({ title, svg }) => (
          <div class="panel">
            <p>{title}</p>
            <Svg svg={svg} />
          </div>
        ))}
      </div>
      <figcaption>{caption}</figcaption>
    </figure>
  );
}
