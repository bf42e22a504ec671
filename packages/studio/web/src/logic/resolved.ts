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
