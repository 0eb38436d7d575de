/** What `e2p inspect` says of a projector file: which model and embeddings it is for, what it puts where, and how large it is. */
import { outputSize, type Projector, readProjector } from '../projector/projector.ts';
import { type Slot, SOFT } from '../projector/slot.ts';
import { heldOutText, privacyText } from './train-report.ts';

/** @throws E2PError `invalid-projector` */
export function inspectProjector(bytes: Uint8Array, file: string, asJson: boolean): string {
  const facts = factsOf(readProjector(bytes, file), bytes.length);
  return asJson ? JSON.stringify({ file, ...facts }, null, 2) : draw(file, facts);
}

/** The contract without its long lists of numbers, and the sizes of the file's tensors. */
function factsOf(projector: Projector, bytes: number) {
  const { contract, hidden, weights, anchors, reference } = projector;
  const { version, model, space, tokens, vectors, slot, scaleSide, fingerprint, training = {} } = contract;
  const { id, dim, encoder } = space;
  const { heldOutLoss, bestStep } = training;
  return {
    ...{ bytes, version, model: { ...model, fingerprint: fingerprint !== undefined } },
    space: {
      ...{ id, dim },
      ...(encoder && {
        encoder: { id: encoder.id, pooling: encoder.pooling, normalize: encoder.normalize },
      }),
    },
    ...{ tokens, vectors, slot, scaleSide },
    ...(reference && {
      reference: { directions: reference.eigenvalues.length, distances: reference.distances.length },
    }),
    layers: { dim, hidden, output: outputSize(projector), residual: weights.skipWeight.length > 0 },
    ...(anchors && {
      anchors: {
        words: anchors.ids.length,
        phrases: anchors.phrases?.length ?? 0,
        keys: anchors.keys !== undefined,
      },
    }),
    parameters: Object.values(weights).reduce((sum: number, tensor: Float32Array) => sum + tensor.length, 0),
    // In nats per target token, of the weights in the file.
    ...(heldOutLoss !== undefined && { quality: { heldOutLoss, bestStep } }),
    training,
  };
}

function draw(file: string, facts: ReturnType<typeof factsOf>): string {
  const { bytes, version, model, space, tokens, vectors, slot, layers, anchors, parameters, quality } = facts;
  const { reference } = facts;
  const { encoder } = space;
  const widths = [layers.dim, ...(layers.hidden === 0 ? [] : [layers.hidden]), tokens * layers.output];
  const kind = `${layers.hidden === 0 ? ', linear' : ''}${layers.residual ? ', with a residual matrix' : ''}`;
  // Sums of the data are for programs.
  const training = Object.entries(facts.training).filter(
    ([name]) => !name.endsWith('Sha256') && !name.startsWith('dp') && !(name in (quality ?? {})),
  );
  const rows: readonly (readonly [string, string] | undefined)[] = [
    ['file', `${count(bytes)} bytes, contract version ${version}`],
    ['model', `${model.id} in ${model.dtype} (V = ${count(model.vocabularySize)}, H = ${model.hiddenSize})`],
    [
      'fingerprint',
      model.fingerprint
        ? 'yes: tells the model, in any precision, from another one'
        : `none: in another precision than ${model.dtype} another model would not be noticed`,
    ],
    ['embeddings', `${space.id}, ${layers.dim} numbers each`],
    encoder && [
      'encoder',
      `${encoder.id} makes them from text (${encoder.pooling} pooling, ${encoder.normalize ? '' : 'not '}normalised)`,
    ],
    [
      'soft tokens',
      `${tokens} for ${vectors === 1 ? 'a user' : `each of up to ${vectors} vectors of a user`}`,
    ],
    ...drawSlot(slot),
    ['layers', `${widths.join(' → ')}${kind}; ${count(parameters)} parameters`],
    [
      'anchors',
      anchors
        ? `${count(anchors.words)} words of the vocabulary${anchors.phrases > 0 ? ` and ${count(anchors.phrases)} phrases of several tokens` : ''}, found by ${anchors.keys ? 'keys in the file' : 'their embeddings'}`
        : 'none: soft tokens are free vectors',
    ],
    [
      'drift',
      reference
        ? `seen: how its users lie is told in ${count(reference.directions)} directions and ${count(reference.distances)} distances`
        : 'not seen: nothing tells how its users lie',
    ],
    ['quality', quality ? heldOutText(quality) : 'not recorded: e2p evaluate measures it'],
    [
      'privacy',
      privacyText(facts.training) ?? 'not trained with noise: who has the file may find out who was',
    ],
    ['training', training.map(([name, value]) => `${name} ${value}`).join(', ') || 'not told'],
  ];
  const lines = rows.flatMap((row) => (row === undefined ? [] : [`  ${row[0].padEnd(13)}${row[1]}`]));
  return [file, ...lines].map(visible).join('\n');
}

function drawSlot(slot: Slot): (readonly [string, string])[] {
  if (slot === 'after-bos') return [['slot', 'after BOS, before everything else']];
  if ('placeholder' in slot) return [['slot', `at ${JSON.stringify(slot.placeholder)} in the prompt`]];
  return slot.places.map(({ at, text }, i) => [
    i === 0 ? 'slot' : '',
    `${at.replace('-', ' ')}: ${text === SOFT ? SOFT : JSON.stringify(text)}`,
  ]);
}

const count = (value: number): string => value.toLocaleString('en');

/** A file's texts must not steer the terminal that shows them (CWE-150). */
const visible = (line: string): string => line.replace(/\p{Cc}/gu, '�');
