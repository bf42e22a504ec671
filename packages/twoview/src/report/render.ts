/** @file From a Vega-Lite description to an SVG text, without a browser. */
import * as vega from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';

/** One look for all figures. */
const CONFIG = {
  font: 'system-ui, sans-serif',
  background: 'transparent',
  axis: { labelFontSize: 12, titleFontSize: 12, titleFontWeight: 500, gridColor: '#e5e7eb', domainColor: '#9ca3af' },
  legend: { labelFontSize: 12, titleFontSize: 12, orient: 'top', title: null, labelLimit: 0 },
  header: { labelFontSize: 13, labelFontWeight: 600, title: null },
  view: { stroke: 'transparent' },
} as const;

export async function toSvg(spec: TopLevelSpec): Promise<string> {
  const { spec: full } = compile({ ...spec, config: CONFIG } as TopLevelSpec, {
    logger: vega.logger(vega.Error), // hints about scales are for interactive use
  });
  const view = new vega.View(vega.parse(full), { renderer: 'none' });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}
