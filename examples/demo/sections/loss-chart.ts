/** The losses of a training as they come, drawn by uPlot: of each step, and of unseen users for the projector and for its control. */
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

export type Series = 'step' | 'heldOut' | 'control';

export interface LossChart {
  readonly clear: (steps: number) => void;
  readonly add: (series: Series, step: number, loss: number) => void;
}

const HEIGHT = 220;
const SERIES: readonly Series[] = ['step', 'heldOut', 'control'];

/** A little more than there is; of nothing uPlot says null. */
const around = (_: unknown, low: number | null, high: number | null): [number, number] =>
  low === null || high === null ? [0, 1] : [low - 0.02, high + 0.02];

export function createLossChart(place: HTMLElement): LossChart {
  const points: Record<Series, (number | null)[]> = { step: [], heldOut: [], control: [] };
  let steps: number[] = [];
  let asked = 0;
  const colour = (name: string) => () => getComputedStyle(place).getPropertyValue(name);
  const axis = {
    stroke: colour('--soft'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
  };
  const line = { spanGaps: true, points: { show: false } };
  const chart = new UPlot(
    {
      ...{ width: place.clientWidth || 300, height: HEIGHT },
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { time: false }, y: { range: around } },
      axes: [
        { ...axis, size: 28 },
        { ...axis, size: 44 },
      ],
      series: [
        {},
        { ...line, stroke: colour('--edge'), width: 1 },
        { ...line, stroke: colour('--accent'), width: 2.5 },
        { ...line, stroke: colour('--soft'), width: 2, dash: [6, 4] },
      ],
    },
    [[0, 1], [], [], []],
    place,
  );
  const draw = (): void => {
    cancelAnimationFrame(asked);
    asked = requestAnimationFrame(() => chart.setData([steps, ...SERIES.map((name) => points[name])]));
  };
  new ResizeObserver(() => chart.setSize({ width: place.clientWidth, height: HEIGHT })).observe(place);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => chart.redraw(false, true));
  return {
    clear: (count) => {
      steps = Array.from({ length: count + 1 }, (_, i) => i);
      for (const name of SERIES) points[name] = steps.map(() => null);
      draw();
    },
    add: (series, step, loss) => {
      points[series][step] = loss;
      draw();
    },
  };
}
