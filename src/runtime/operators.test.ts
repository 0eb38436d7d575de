import { describe, expect, it } from 'vitest';
import { createNodeRuntime } from './node-runtime.ts';
import { checkOperators } from './operators.ts';

const operators = ['Add', 'com.microsoft.MatMulNBits'];

describe('operators of a model', () => {
  it('that the backend has are fine', () => {
    expect(() => checkOperators(operators, createNodeRuntime(), 'm.onnx')).not.toThrow();
  });

  it('without a kernel here are named, with the backends that have them', () => {
    const runtime = { ...createNodeRuntime(), lost: false, lacks: { 'com.microsoft.MatMulNBits': 'WebGPU' } };
    const check = () => checkOperators(operators, runtime, 'm.onnx');
    expect(check).toThrow('m.onnx: com.microsoft.MatMulNBits has no kernel on node, but on WebGPU');
    expect(check).toThrow(expect.objectContaining({ code: 'unsupported-graph' }));
  });

  it('of an unknown set are custom, and nobody has them', () => {
    const check = () => checkOperators(['acme.Magic', 'ai.onnx.Add'], createNodeRuntime(), 'm.onnx');
    expect(check).toThrow(
      /m\.onnx: no backend has acme\.Magic, expected operators of ai\.onnx and com\.microsoft/,
    );
  });
});
