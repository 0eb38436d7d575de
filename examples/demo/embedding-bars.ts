/** An embedding as a picture: one bar per number, up or down from the middle, the longest one as long as there is room. */

const [WIDTH, MIDDLE, LONGEST] = [128, 12, 11] as const;
/** Of a number near 0, so that it is seen to be there. */
const SHORTEST = 0.75;

/** @param strength how much of it counts: at 0 every bar is flat */
export function drawBars(svg: SVGElement, values: Float32Array | undefined, strength = 1): void {
  const step = WIDTH / (values?.length ?? 1);
  const largest = Math.max(...(values ?? []).map(Math.abs), 1e-6);
  const bars = [...(values ?? [])].map((value, i) => {
    const bar = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
    const height = Math.max(SHORTEST, (Math.abs(value) / largest) * LONGEST * strength);
    const box = { x: i * step, y: value > 0 ? MIDDLE - height : MIDDLE, width: step * 0.7, height };
    for (const [name, size] of Object.entries(box)) bar.setAttribute(name, size.toFixed(2));
    return bar;
  });
  svg.replaceChildren(...bars);
}

/** Beside words that say the same. */
export function createBars(): SVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const attributes = {
    viewBox: `0 0 ${WIDTH} ${2 * MIDDLE}`,
    preserveAspectRatio: 'none',
    'aria-hidden': 'true',
  };
  for (const [name, value] of Object.entries(attributes)) svg.setAttribute(name, value);
  return svg;
}
