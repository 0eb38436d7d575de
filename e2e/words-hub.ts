/**
 * A server that plays the Hub, with the default model (`tests/tiny`), a sentence encoder of a few lines, and projectors that read its vectors
 * (`tests/projectors`): `words.safetensors`; `other.safetensors`, which was trained for another encoder; `address.safetensors`, which names one by its address;
 * `asked.safetensors`, which weighs a user's vectors by what is asked.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { loadBaseModel } from '../src/model/base-model.ts';
import { writeProjector } from '../src/projector/projector.ts';
import { createFolderSource } from '../src/storage/folder-source.ts';
import { type HubServer, startHubServer } from '../src/testing/hub-server.ts';
import { TINY_MODEL, tinyContract, tinyProjector, writeTinyEncoder } from '../src/testing/tiny-encoder.ts';

export const ENCODER = tinyContract().id;
export const BY_QUESTION = { temperature: 0.05 };

/** @param folder for the encoder's files */
export async function startWordsHub(folder: string): Promise<HubServer> {
  writeTinyEncoder(folder);
  const model = await loadBaseModel({ source: createFolderSource(TINY_MODEL), dtypes: ['q4'] });
  const table = await model.tableSha256();
  const own = tinyContract();
  const other = { ...own, probe: own.probe.toReversed() };
  const address = { ...own, id: 'http://127.0.0.1/collect/' };
  const projectors = Object.entries({ words: own, other, address }).map(
    ([name, encoder]) =>
      [`${name}.safetensors`, writeProjector(tinyProjector(table, 'q4', encoder))] as const,
  );
  const tiny = tinyProjector(table, 'q4');
  const asked = { ...tiny, contract: { ...tiny.contract, version: 3 as const, byQuestion: BY_QUESTION } };
  return startHubServer({
    repositories: new Map([
      ['tests/tiny/main', filesOf(TINY_MODEL)],
      [`${ENCODER}/main`, filesOf(folder)],
      ['tests/projectors/main', new Map([...projectors, ['asked.safetensors', writeProjector(asked)]])],
    ]),
  });
}

function filesOf(folder: string): Map<string, Uint8Array> {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const files = paths.filter((path) => statSync(join(folder, path)).isFile());
  return new Map(files.map((path) => [path, readFileSync(join(folder, path))]));
}
