import { describe, expect, it } from 'vitest';
import { createFolderSource } from '../storage/folder-source.ts';
import { modelFilesSource } from '../storage/handed-files.ts';
import { TINY_MODEL } from '../testing/tiny-encoder.ts';
import { smallerVariants } from './smaller-variants.ts';

const bytes = (length: number) => new Blob([new Uint8Array(length)]);
const source = modelFilesSource({
  name: 'm',
  files: {
    'onnx/model.onnx': bytes(10),
    'onnx/model.onnx_data': bytes(400),
    'onnx/model_fp16.onnx': bytes(10),
    'onnx/model_fp16.onnx_data': bytes(150),
    'onnx/model_fp16.onnx_data_1': bytes(50),
    'onnx/model_q4f16.onnx': bytes(90),
    'onnx/model_q4.onnx': bytes(120),
  },
});

describe('the smaller variants of a folder', () => {
  it('are those whose graphs and weights have fewer bytes, the largest first', async () => {
    expect(await smallerVariants(source, 'fp32')).toEqual([
      { dtype: 'fp16', bytes: 210 },
      { dtype: 'q4', bytes: 120 },
      { dtype: 'q4f16', bytes: 90 },
    ]);
    expect(await smallerVariants(source, 'q4')).toEqual([{ dtype: 'q4f16', bytes: 90 }]);
  });

  it('are none of the smallest, and of one that is not there', async () => {
    expect(await smallerVariants(source, 'q4f16')).toEqual([]);
    expect(await smallerVariants(source, 'int8')).toEqual([]);
  });

  it('are told of a folder on a disk, and not where the source can not tell', async () => {
    const folder = createFolderSource(TINY_MODEL);
    expect(await smallerVariants(folder, 'fp32')).toMatchObject([{ dtype: 'q4' }]);
    expect(await smallerVariants({ name: 'm', read: folder.read }, 'fp32')).toEqual([]);
  });
});
