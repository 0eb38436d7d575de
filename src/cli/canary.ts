/** The canary of `e2p drift` and `e2p align`: its options, and how it is run. */
import { type Canary, type CanaryOptions, runCanary } from '../evaluate/drift/canary.ts';
import { checkContract } from '../projector/check-contract.ts';
import { readProjector, withAnchorRows } from '../projector/projector.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import { type Example, readExamples } from '../train/training-data.ts';
import { dtype as dtypeOf } from './choices.ts';
import { expectBoth, type Options, type Values } from './command.ts';
import { readInput } from './files.ts';
import { loadModel, MODEL } from './load-model.ts';
import { whole } from './numbers.ts';
import { createProgressLine } from './progress-line.ts';

const COUNT = { value: '<n>', read: whole } as const;

export const CANARY_OPTIONS = {
  model: { ...MODEL, meaning: 'for the canary: the base model', without: 'no canary' },
  data: {
    value: '<file>',
    meaning: 'for the canary: examples of users who are in both files and were not trained on',
    without: 'no canary',
  },
  'max-length': {
    ...COUNT,
    default: '512',
    meaning: 'tokens of a row of the canary; longer ones are left out',
  },
  batch: { ...COUNT, default: '16', meaning: 'rows of the canary that are scored at once' },
  threads: { ...COUNT, default: '1', meaning: 'threads of one operator, 0 = one for each core' },
  dtype: {
    ...{ value: '<d>', read: dtypeOf, meaning: 'precision of the model for the canary' },
    without: 'the one that was trained with',
  },
} as const satisfies Options;

type CanaryValues = Values<typeof CANARY_OPTIONS> & { readonly projector: string | undefined };

/** Those of `--data`; undefined where no canary is asked for. @throws E2PError `invalid-argument`, `invalid-data` */
export function canaryExamples(values: CanaryValues): readonly Example[] | undefined {
  expectBoth(values, 'model', 'data');
  expectBoth(values, 'data', 'model');
  expectBoth(values, 'data', 'projector');
  return values.data === undefined ? undefined : readExamples(readInput(values.data), values.data);
}

/** Whoever has no embedding in one of the two is passed over. */
export type CanaryInput = Pick<
  CanaryOptions,
  'reference' | 'current' | 'examples' | 'permutations' | 'allowed' | 'seed'
>;

/** For values that {@link canaryExamples} found complete. @throws E2PError as `loadModel`, `checkContract` and `runCanary` do */
export async function canaryOf(values: CanaryValues, input: CanaryInput): Promise<Canary> {
  const [named, file] = [values.model!, values.projector!];
  const projector = readProjector(readInput(file), file);
  const runtime = createNodeRuntime({ threads: values.threads });
  const model = await loadModel(named, [values.dtype ?? dtypeOf(projector.contract.model.dtype, 'dtype')]);
  await checkContract(projector.contract, model, runtime, file);
  const show = createProgressLine();
  return runCanary({
    ...{ model, runtime, projector: await withAnchorRows(projector, model, runtime), ...input },
    ...{ maxLength: values['max-length'], batch: values.batch },
    onProgress: (side, done, all) => show({ stage: `canary, ${side}`, done, all }),
  });
}
