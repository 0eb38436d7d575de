/**
 * A map of the readers, which is also the choice among them: each is a radio button at its place in the plane in which they differ most.
 * The visitor's own point has none before something is known of them.
 */
import type { DemoReader } from '../demo-world.ts';
import { element } from '../dom.ts';
import { principalPlane } from './principal-axes.ts';

export const OWN = 'own';

export interface ReaderMap {
  /** The visitor's place; undefined as long as nothing is known. */
  readonly showOwn: (values: Float32Array | undefined) => void;
  readonly choose: (reader: string) => void;
  /** Of what is between the readers, the share that the map shows. */
  readonly share: number;
}

/** Beyond the outermost readers, as a share of the whole, so that names have room. */
const MARGIN = { left: 0.06, right: 0.16, top: 0.08, bottom: 0.08 } as const;

export function createReaderMap(
  map: HTMLElement,
  readers: readonly DemoReader[],
  embeddings: readonly Float32Array[],
  onChoose: (reader: string) => void,
): ReaderMap {
  const plane = principalPlane(embeddings);
  const toMap = scaleToMap(embeddings.map(plane.place));
  const points = readers.map(({ name, about }, i) => createPoint(String(i), name, about));
  const own = createPoint(OWN, 'You', 'from what you pressed');
  own.classList.add('own-point');
  const show = (point: HTMLElement, values: Float32Array): void => {
    const [x, y] = toMap(plane.place(values));
    point.style.setProperty('--x', String(x));
    point.style.setProperty('--y', String(y));
  };
  const places = embeddings.map((each) => toMap(plane.place(each)));
  points.forEach((point, i) => {
    show(point, embeddings[i]!);
    point.classList.toggle('name-left', places.some(isRightBeside(places[i]!)));
  });
  map.append(own, ...points);
  const radio = (reader: string) => map.querySelector<HTMLInputElement>(`input[value="${reader}"]`)!;
  map.addEventListener('change', ({ target }) => onChoose((target as HTMLInputElement).value));
  return {
    showOwn: (values) => {
      own.classList.toggle('unknown', values === undefined);
      if (values !== undefined) show(own, values);
    },
    choose: (reader) => {
      radio(reader).checked = true;
    },
    share: plane.share,
  };
}

type Coordinates = readonly [x: number, y: number];

/** From the plane to shares of the map's width and height, one scale for both axes as near as its shape allows. */
function scaleToMap(places: readonly Coordinates[]): (place: Coordinates) => Coordinates {
  const range = (axis: 0 | 1, before: number, after: number) => {
    const all = places.map((place) => place[axis]);
    const [low, high] = [Math.min(...all), Math.max(...all)];
    const scale = (1 - before - after) / (high - low);
    return (value: number) => Math.min(1, Math.max(0, before + (value - low) * scale));
  };
  const x = range(0, MARGIN.left, MARGIN.right);
  const y = range(1, MARGIN.bottom, MARGIN.top);
  return ([a, b]) => [x(a), 1 - y(b)];
}

/** So near on the right that a name would lie on it. */
const isRightBeside =
  ([x, y]: Coordinates) =>
  ([otherX, otherY]: Coordinates): boolean =>
    otherX > x && otherX - x < 0.2 && Math.abs(otherY - y) < 0.06;

function createPoint(value: string, name: string, about: string): HTMLElement {
  const point = element('div', { className: 'point' });
  const label = element('label', { title: about });
  const input = element('input', { type: 'radio', name: 'reader', value, autocomplete: 'off' });
  input.dataset.testid = `reader-${value}`;
  label.append(input, element('span', {}, name));
  point.append(label);
  return point;
}
