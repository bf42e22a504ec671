/** @file The only text that goes into a page without being escaped: the style sheet, and SVG that Vega has written. */
import { STYLE } from './style.js';

export const Style = ({ more }: { more: string }) => (
  // biome-ignore lint/security/noDangerouslySetInnerHtml: browsers do not decode entities in <style>, and no name from outside is in it
  <style dangerouslySetInnerHTML={{ __html: STYLE + more }} />
);

export const Svg = ({ svg }: { svg: string }) => (
  // biome-ignore lint/security/noDangerouslySetInnerHtml: Vega renders to text, in which it has escaped the names
  <div dangerouslySetInnerHTML={{ __html: svg }} />
);
