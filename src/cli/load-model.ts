/** The base model that `--model` names. */
import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { type BaseModel, loadBaseModel } from '../model/base-model.ts';
import { isHubId } from '../model/hub.ts';
import type { Dtype } from '../model/model-config.ts';
import { withNodeSource } from '../model/node-source.ts';

export const MODEL = {
  value: '<folder|id>',
  meaning: 'the base model: a folder as the Hub lays it out, the URL of one, or a Hub id',
} as const;

/** @param dtypes the most wanted first. @throws E2PError `invalid-model`, `network`; what {@link loadBaseModel} throws */
export const loadModel = (model: string, dtypes: readonly Dtype[]): Promise<BaseModel> =>
  withNodeSource({ model }, (source) => loadBaseModel({ source, dtypes }));

/** What a contract calls it unless told: a path would tell whose machine this is. */
export const modelIdOf = (model: string): string =>
  isHubId(model) && !existsSync(model) ? model : basename(resolve(model));
