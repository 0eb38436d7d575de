/**
 * Is this the model a projector was trained for, in whatever precision? A fingerprint keeps numbers of its token embeddings,
 * of its norms' gains and of weights in its first and last layer. In another export of the same model each of them is the
 * same but for its precision; in another fine-tune of the same sizes some are not.
 */
import * as v from 'valibot';
import type { BaseModel } from '../model/base-model.ts';
import type { WeightSample } from '../model/weight-samples.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { object, whole } from '../storage/check-json.ts';
import { addTallies, compareNearest, compareSamples, type Tally } from './compare-samples.ts';
import { chooseIds, columnsOf, evenly, someColumns } from './sample-places.ts';
import { loadSample, type StoredSample, sampleSize, storeSample } from './stored-sample.ts';

/** As it stands in a contract. */
export interface ModelFingerprint {
  readonly ids: readonly number[];
  /** [ids, columns]; absent where the table's precision could not be told. */
  readonly embeddings?: StoredSample;
  /** [norms, columns], in order of depth. */
  readonly gains: StoredSample;
  /** Groups of products that the model has, and a product of some of them. */
  readonly productGroups: number;
  readonly products: readonly StoredProduct[];
}

interface StoredProduct extends StoredSample {
  /** Of its group. */
  readonly place: number;
  /** K, and the outputs of the whole group. */
  readonly inputs: number;
  readonly outputs: number;
}

export interface PartTally extends Tally {
  readonly part: 'token embeddings' | 'norm gains' | 'layer weights';
}

const NORMS = 16;
/** Bounds for an untrusted file (CWE-789). */
const LIMITS = { ids: 4096, products: 64 } as const;

/**
 * Numbers beyond their precision that the same model may have. Measured on exports of the same model: none. One moved row of
 * the 128 is 0.8 % of the embeddings; all weights moved by 1 % are 1.4 % of them through 4 bits.
 */
export const ALLOWED_SHARE = 0.003;
/** Fewer numbers than this decide nothing. */
const ENOUGH = 16;

/**
 * @param requantised the weights at hand were quantised twice, so that they lie farther from the published ones than their own
 *   precision explains: only the norms' gains, which no quantisation touches, are kept
 */
export async function fingerprintOf(
  model: BaseModel,
  runtime: Runtime,
  { requantised = false } = {},
): Promise<ModelFingerprint> {
  const norms = evenly(await gainsOf(model), NORMS);
  const all = (key: keyof WeightSample) => Float32Array.from(norms.flatMap((norm) => [...norm[key]]));
  const gains = storeSample({ values: all('values'), steps: all('steps') });
  if (requantised) return { ids: [], gains, productGroups: 0, products: [] };
  const ids = await chooseIds(model, runtime);
  const embeddings = await model.sampleEmbeddings(runtime, ids);
  const { count, groups } = await model.sampleProducts();
  return {
    ids,
    ...(embeddings && { embeddings: storeSample(someColumns(embeddings, model)) }),
    gains,
    productGroups: count,
    products: [...groups].flatMap(([place, { inputs, outputs, members }]) => {
      // The value, behind query and key.
      const last = members.at(-1);
      return last === undefined ? [] : [{ place, inputs, outputs, ...storeSample(last) }];
    }),
  };
}

/**
 * What of the model lies farther from the fingerprint than precision explains, part by part. A part that can't be compared
 * (norms folded into weights, weights in a form that is not read) is left out.
 * @param sameTable the tables are known to be equal byte for byte
 */
export async function compareFingerprint(
  fingerprint: ModelFingerprint,
  model: BaseModel,
  runtime: Runtime,
  { sameTable = false } = {},
): Promise<PartTally[]> {
  const tallies: PartTally[] = [];
  if (fingerprint.embeddings !== undefined && !sameTable) {
    const found = await model.sampleEmbeddings(runtime, fingerprint.ids);
    const expected = loadSample(fingerprint.embeddings);
    if (found)
      tallies.push({ part: 'token embeddings', ...compareSamples(expected, someColumns(found, model)) });
  }
  // However many norms an exporter makes of them, each is to be found again.
  const gains = await gainsOf(model);
  if (gains.length > 0) {
    const { values, steps } = loadSample(fingerprint.gains);
    const size = gains[0]!.values.length;
    const each = Array.from({ length: values.length / size }, (_, i) =>
      compareNearest(
        {
          values: values.subarray(i * size, (i + 1) * size),
          steps: steps.subarray(i * size, (i + 1) * size),
        },
        gains,
      ),
    );
    tallies.push({ part: 'norm gains', ...addTallies(each) });
  }
  const { count, groups } = await model.sampleProducts();
  const each = fingerprint.products.flatMap(({ place, inputs, outputs, ...stored }) => {
    const group = count === fingerprint.productGroups ? groups.get(place) : undefined;
    // The last product's outputs come last in a merged one too. Other sizes: heads were widened.
    const isAlike = group?.inputs === inputs && group.outputs === outputs && group.members.length > 0;
    return isAlike ? [compareNearest(loadSample(stored), group.members)] : [];
  });
  tallies.push({ part: 'layer weights', ...addTallies(each) });
  return tallies.filter(({ compared }) => compared >= ENOUGH);
}

/** The first part that is another model's, with options as of {@link compareFingerprint}; undefined where all may be the same. */
export async function matchFingerprint(
  ...given: Parameters<typeof compareFingerprint>
): Promise<PartTally | undefined> {
  const tallies = await compareFingerprint(...given);
  return tallies.find(({ beyond, compared }) => beyond > ALLOWED_SHARE * compared);
}

/** What a contract has to have of a model of these sizes. */
export function fingerprintSchema(model: { readonly hiddenSize: number; readonly vocabularySize: number }) {
  const columns = columnsOf(model).length;
  const sample = (isRight: (count: number) => boolean, expected: string) =>
    v.custom<StoredSample>((found) => isRight(sampleSize(found) ?? Number.NaN), expected);
  const ids = `at most ${LIMITS.ids} token ids below ${model.vocabularySize}`;
  const products = `at most ${LIMITS.products} samples with the place, inputs and outputs of each`;
  const size = whole(0, 2 ** 31 - 1);
  const product = v.custom<StoredProduct>(
    (found) =>
      sampleSize(found) !== undefined && v.is(object({ place: size, inputs: size, outputs: size }), found),
    products,
  );
  return v.pipe(
    object({
      ids: v.pipe(v.array(whole(0, model.vocabularySize - 1, ids), ids), v.maxLength(LIMITS.ids, ids)),
      embeddings: v.exactOptional(sample((count) => count % columns === 0, `${columns} numbers for each id`)),
      gains: sample((count) => count % columns === 0, `a multiple of ${columns} numbers`),
      productGroups: size,
      products: v.pipe(v.array(product, products), v.maxLength(LIMITS.products, products)),
    }),
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed) return;
      const { value } = dataset;
      const { ids: found, embeddings, productGroups } = value;
      const check = (key: 'embeddings' | 'products', isRight: boolean, message: string) => {
        const input = value[key];
        if (!isRight)
          addIssue({
            ...{ message, input },
            path: [{ type: 'object', origin: 'value', input: value, key, value: input }],
          });
      };
      const isTable = embeddings === undefined || sampleSize(embeddings) === found.length * columns;
      check('embeddings', isTable, `${columns} numbers for each id`);
      const hasPlaces = value.products.every(({ place }) => place < productGroups);
      check('products', hasPlaces, 'samples with a place below productGroups');
    }),
  );
}

/** [columns] each; a norm whose gain an exporter has moved into the next weights says nothing. */
async function gainsOf(model: BaseModel): Promise<WeightSample[]> {
  const gains = await model.sampleGains();
  const varying = gains.filter(({ values }) => values.some((v) => v !== values[0]));
  return varying.map((gain) => someColumns(gain, model));
}
