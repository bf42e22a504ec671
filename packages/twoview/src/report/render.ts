/** @file From a Vega-Lite description to an SVG text, without a browser. */
import { createHash } from 'node:crypto';
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
    return withSharedMarks(rounded(await view.toSVG()));
  } finally {
    view.finalize();
  }
}

/** Fewer equal marks than this are not worth a definition. */
const SHARED = 4;

/** Marks that differ in nothing but their place are defined once and used many times: a map of a thousand points is a quarter as long. */
export function withSharedMarks(svg: string): string {
  const counts = new Map<string, number>();
  const MARK = /<path transform="translate\(([^,)]*),([^)]*)\)" ([^>]*)\/>/g;
  for (const [, , , look] of svg.matchAll(MARK)) counts.set(look!, (counts.get(look!) ?? 0) + 1);
  const shared = [...counts].flatMap(([look, count]) => (count < SHARED ? [] : [look]));
  if (shared.length === 0) return svg;
  // Several drawings stand on one page, and names in it must differ.
  const page = createHash('sha256').update(svg).digest('hex').slice(0, 8);
  const names = new Map(shared.map((look, i) => [look, `m${page}-${i}`]));
  const defined = shared.map((look) => `<path id="${names.get(look)}" ${look}/>`).join('');
  const used = svg.replaceAll(MARK, (mark, x: string, y: string, look: string) => {
    const name = names.get(look);
    return name === undefined ? mark : `<use href="#${name}" x="${x}" y="${y}"/>`;
  });
  return used.replace(/(<svg[^>]*>)/, (head) => `${head}<defs>${defined}</defs>`);
}

/** A hundredth of a pixel is finer than any screen, and a map has a thousand points. */
const rounded = (svg: string) => svg.replaceAll(/\d+\.\d{3,}/g, (number) => String(Number(Number(number).toFixed(2))));
