import { expect, it } from 'vitest';
import { nodesOnCpu } from './placement.ts';

it('names the nodes left to the CPU by each session, and copies', () => {
  const log = `2026 [V:onnxruntime:, session_state.cc:1380 VerifyEachNodeIsAssignedToAnEp] Node placements
2026 [V:onnxruntime:, session_state.cc:1386 VerifyEachNodeIsAssignedToAnEp]  Node(s) placed on [CPUExecutionProvider]. Number of nodes: 2
  Shape (/mask/Shape)
  Gather (/mask/Gather)
2026 [V:onnxruntime:, session_state.cc:1386 VerifyEachNodeIsAssignedToAnEp]  Node(s) placed on [WebGpuExecutionProvider]. Number of nodes: 1
  MatMulNBits (/q/MatMul)
2026 [I:onnxruntime:, transformer_memcpy.cc:357 AddCopyNode] Add MemcpyToHost after x for WebGpuExecutionProvider
2026 [V:onnxruntime:, session_state.cc:1386 VerifyEachNodeIsAssignedToAnEp]  Node(s) placed on [CPUExecutionProvider]. Number of nodes: 1
  Cast (/other/Cast)
`;
  expect(nodesOnCpu(log)).toEqual([
    'Shape /mask/Shape',
    'Gather /mask/Gather',
    'Cast /other/Cast',
    'Add MemcpyToHost after x for WebGpuExecutionProvider',
  ]);
  expect(() => nodesOnCpu('nothing of that')).toThrow('did not say');
});
