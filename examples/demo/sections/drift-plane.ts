/**
 * The space as the projector's file tells of it, on the two axes in which people differ most: ellipses that hold half and 95 % of them, and
 * the way of one embedding, version by version. It zooms out as far as that way leads.
 */
import type { UserFit } from '../../../src/index.ts';
import type { Projector } from '../../../src/train.ts';

const SVG = 'http://www.w3.org/2000/svg';
/** Of χ² with two degrees of freedom. */
const HELD = { 50: 1.386, 95: 5.991 } as const;
/** Beyond what is shown, as a share. */
const MARGIN = 1.15;

export type Place = readonly [x: number, y: number];

export interface DriftPlane {
  readonly place: (values: Float32Array) => Place;
  /** Standard deviations from the mean, on these axes. */
  readonly apart: (place: Place) => number;
  /** @param level of the last one */
  readonly draw: (way: readonly Place[], level: UserFit['level'] | undefined) => void;
}

export function createDriftPlane(
  svg: SVGElement,
  reference: NonNullable<Projector['reference']>,
  mean: readonly number[],
): DriftPlane {
  const { eigenvectors, eigenvalues } = reference;
  const dim = mean.length;
  const along = (values: Float32Array, axis: number): number =>
    mean.reduce((sum, m, i) => sum + (values[i]! - m) * eigenvectors[axis * dim + i]!, 0);
  const radii = (squared: number) => [0, 1].map((axis) => Math.sqrt(squared * eigenvalues[axis]!));
  const shape = (name: string, attributes: Readonly<Record<string, string | number>>): Element => {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
    return made;
  };
  return {
    place: (values) => [along(values, 0), along(values, 1)],
    apart: (place) => Math.hypot(...place.map((v, axis) => v / Math.sqrt(eigenvalues[axis]!))),
    draw: (way, level) => {
      const reach = MARGIN * Math.max(...radii(HELD[95]), ...way.flat().map(Math.abs));
      // Half as wide again as high.
      svg.setAttribute('viewBox', `${-1.5 * reach} ${-reach} ${3 * reach} ${2 * reach}`);
      const dots = way.map(([x, y], i) => {
        const isNow = i === way.length - 1;
        return shape('circle', {
          ...{ cx: x, cy: -y, r: (isNow ? 0.035 : 0.02) * reach },
          ...(isNow && { class: 'now', 'data-level': level ?? '' }),
        });
      });
      svg.replaceChildren(
        ...[HELD[95], HELD[50]].map((held) => {
          const [rx, ry] = radii(held);
          return shape('ellipse', { rx: rx!, ry: ry! });
        }),
        shape('path', {
          class: 'trail',
          d: way.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${x} ${-y}`).join(''),
        }),
        ...dots,
      );
    },
  };
}
