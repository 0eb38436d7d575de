/** A plot of values with their intervals, a row each, beside the line of zero. */
import type { Interval } from './bootstrap.ts';

export interface PlotRow extends Interval {
  readonly name: string;
}

export interface PlotOptions {
  /** For those who can't see it. */
  readonly label: string;
  /** Under the axis: what is shown, and in which unit. */
  readonly caption: string;
}

/** An SVG element that stands by itself too. */
export function intervalPlot(rows: readonly PlotRow[], { label, caption }: PlotOptions): string {
  const low = Math.min(0, ...rows.map((r) => r.low));
  const high = Math.max(0, ...rows.map((r) => r.high));
  const [left, width, step] = [20 + 7 * Math.max(...rows.map((r) => r.name.length)), 560, 30];
  const x = (v: number) => (left + ((v - low) / (high - low || 1)) * width).toFixed(1);
  const bottom = 20 + rows.length * step;
  const marks = rows.map(({ name, mean, low: from, high: to }, i) => {
    const y = 20 + i * step;
    return `<text x="0" y="${y + 4}">${escaped(name)}</text><line x1="${x(from)}" x2="${x(to)}" y1="${y}" y2="${y}" stroke="#36c" stroke-width="3"/><circle cx="${x(mean)}" cy="${y}" r="5" fill="#36c"/>`;
  });
  const size = `${left + width + 40} ${bottom + 30}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size}" font-family="system-ui, sans-serif" font-size="13" role="img" aria-label="${escaped(label)}">
<rect width="100%" height="100%" fill="#fff"/>
<line x1="${x(0)}" x2="${x(0)}" y1="5" y2="${bottom - 10}" stroke="#999"/>
${marks.join('\n')}
${ticks(low, high)
  .map((v) => `<text x="${x(v)}" y="${bottom + 8}" text-anchor="middle">${v}</text>`)
  .join('')}
<text x="${left + width}" y="${bottom + 26}" text-anchor="end">${escaped(caption)}</text>
</svg>`;
}

/** Round numbers, a few. */
function ticks(low: number, high: number): number[] {
  const span = high - low || 1;
  const power = 10 ** Math.floor(Math.log10(span / 4));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => span / s <= 6)!;
  const first = Math.ceil(low / step - 1e-9);
  return Array.from({ length: Math.floor(high / step + 1e-9) - first + 1 }, (_, i) =>
    Number(((first + i) * step).toPrecision(3)),
  );
}

export const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]!);
