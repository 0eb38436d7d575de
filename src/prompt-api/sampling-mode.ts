/** How much chance there is: by the names of the specification, or by numbers. */
import type { GenerateOptions } from '../generate/answer.ts';

/** Temperatures of our choice; `balanced` is the model's own. */
const TEMPERATURES = {
  'most-predictable': 0,
  predictable: 0.3,
  'slightly-predictable': 0.5,
  balanced: undefined,
  'slightly-creative': 0.9,
  creative: 1.1,
  'most-creative': 1.4,
} as const;

/** From the likeliest token each time to much chance; names of the specification. */
export type SamplingMode = keyof typeof TEMPERATURES;

export const PARAMS = { defaultTopK: 0, maxTopK: 256, defaultTemperature: 1, maxTemperature: 2 } as const;

export interface SamplingChoice {
  readonly samplingMode?: SamplingMode;
  readonly temperature?: number;
  readonly topK?: number;
}

export interface Sampling {
  readonly samplingMode: SamplingMode | null;
  readonly options: Pick<GenerateOptions, 'temperature' | 'topK'>;
}

/** @throws TypeError for a mode that is none, or one beside numbers; RangeError for numbers out of range */
export function readSampling({ samplingMode, temperature, topK }: SamplingChoice): Sampling {
  const hasNumbers = temperature !== undefined || topK !== undefined;
  if (samplingMode !== undefined) {
    if (hasNumbers)
      throw new TypeError('samplingMode stands beside temperature or topK; give one or the other');
    if (!Object.hasOwn(TEMPERATURES, samplingMode)) {
      throw new TypeError(`samplingMode is none of ${Object.keys(TEMPERATURES).join(', ')}`);
    }
  }
  if (!hasNumbers) {
    const mode = samplingMode ?? 'balanced';
    const chosen = TEMPERATURES[mode];
    return { samplingMode: mode, options: chosen === undefined ? {} : { temperature: chosen } };
  }
  if (temperature !== undefined && !(temperature >= 0)) throw new RangeError('temperature is below 0');
  if (topK !== undefined && !(topK >= 1)) throw new RangeError('topK is below 1');
  return {
    samplingMode: null,
    options: {
      ...(temperature !== undefined && { temperature: Math.min(temperature, PARAMS.maxTemperature) }),
      ...(topK !== undefined && { topK: Math.floor(Math.min(topK, PARAMS.maxTopK)) }),
    },
  };
}
