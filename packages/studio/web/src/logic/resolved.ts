/** @file The colour that a custom property stands for at this moment, for what is drawn on a canvas. */

/** @param name as "--line" */
export function resolved(name: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

/** @param colour as `resolved` gives it @returns red, green, blue */
export const channels = (colour: string): [number, number, number] => {
  const [r = 0, g = 0, b = 0] = (colour.match(/[\d.]+/g) ?? []).map(Number);
  return [r, g, b];
};
