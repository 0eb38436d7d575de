import { expect, it } from 'vitest';
import { createPersistence } from './persistence.ts';

const download = { stage: 'file', file: 'model.onnx', loaded: 1, total: 1e9, cached: false } as const;

it('is asked for once, when a download worth keeping begins, and nobody waits for the answer', async () => {
  let asked = 0;
  let answer = (_: boolean) => {};
  const storage = {
    persist: () => {
      asked++;
      return new Promise<boolean>((resolve) => {
        answer = resolve;
      });
    },
    persisted: async () => false,
  };
  const persistence = createPersistence(true, storage as unknown as StorageManager);
  persistence.onProgress({ stage: 'device' });
  persistence.onProgress({ ...download, cached: true });
  persistence.onProgress({ ...download, total: 1000 });
  expect(asked).toBe(0);
  persistence.onProgress(download);
  persistence.onProgress(download);
  expect(asked).toBe(1);
  // Firefox asks the person, who has not answered yet.
  await persistence.look();
  expect(persistence.persisted).toBe(false);
  answer(true);
  await Promise.resolve();
  expect(persistence.persisted).toBe(true);
});

it('is left to an app that asks itself', () => {
  const storage = { persist: () => expect.unreachable() };
  createPersistence(false, storage as unknown as StorageManager).onProgress(download);
});
