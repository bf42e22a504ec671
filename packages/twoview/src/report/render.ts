/** @file From a Vega-Lite description to an SVG text, without a browser. */
import * as vega from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';

/** One look for all figures; colours come from the page around them. */
const CONFIG = {
  font: 'system-ui, sans-serif',
  background: 'transparent',
  padding: { left: 0, top: 4, right: 8, bottom: 8 },
  axis: {
    ...{
      labelFontSize: 12,
      titleFontSize: 12,
      titleFontWeight: 500,
      labelColor: 'currentColor',
      titleColor: 'currentColor',
    },
    ...{ gridColor: 'var(--line)', domainColor: 'var(--soft)', tickColor: 'var(--soft)' },
  },
  view: { stroke: 'transparent' },
} as const;

export async function toSvg(spec: TopLevelSpec): Promise<string> {
  const { spec: full } = compile({ ...spec, config: CONFIG } as TopLevelSpec, {
    logger: vega.logger(vega.Error), // hints about scales are for interactive use
  });
  const view = new vega.View(vega.parse(full), { renderer: 'none' });
  try {
    return rounded(await view.toSVG());
  } finally {
    view.finalize();
  }
}

/** A hundredth of a pixel is finer than any screen, and a map has a thousand points. */
const rounded = (svg: string) => svg.replaceAll(/\d+\.\d{3,}/g, (number) => String(Number(Number(number).toFixed(2))));
