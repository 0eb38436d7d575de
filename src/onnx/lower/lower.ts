/**
 * Fused operators in ones that have a gradient. Exports for deployment fuse attention, norms and quantized products into operators
 * of onnxruntime's own; a gradient needs to see inside, but for RMS norms, SiLU and rotations (`gradient/fused.ts`). Each rule writes
 * out the formula of its operator with the same result; nodes that no gradient passes are left as they are, fused and fast.
 */
import { GraphBuilder, makeNode, type ValueName } from '../builder.ts';
import { indexGraph } from '../graph-index.ts';
import { inferNode, knownValues } from '../infer-shapes.ts';
import { attribute, type OnnxGraph, type OnnxModel, type OnnxNode, operatorName } from '../onnx-model.ts';
import { raiseOpset } from '../raise-opset.ts';
import type { Shape } from '../shape.ts';
import { constantValue, type StaticValue } from '../static-value.ts';
import { activationRules } from './activations.ts';
import { attentionRules } from './attention.ts';
import { convolutionRules } from './convolution.ts';
import { Lowering, type LoweringRule } from './lowering.ts';
import { normRules } from './norms.ts';
import { productRules } from './products.ts';
import { rotaryRules } from './rotary.ts';

export interface LowerOptions {
  /** Values that a gradient will be wanted of: only nodes that depend on them are lowered. */
  readonly from: readonly ValueName[];
  /** Shapes of the graph inputs that have symbolic dimensions. */
  readonly shapes?: Readonly<Record<string, Shape>>;
}

/** By name; `com.microsoft` and `''` hold operators of the same name with different inputs, hence the domain. */
const rules: Readonly<Record<string, LoweringRule>> = {
  ...normRules,
  ...activationRules,
  ...productRules,
  ...rotaryRules,
  ...attentionRules,
  ...convolutionRules,
};

/** blocks in DequantizeLinear */
const OPSET = 21;
const MICROSOFT = 'com.microsoft';

/**
 * The same model, in opset 21 and with static shapes; behind `from` no operator is fused whose gradient is not known.
 * @throws E2PError `unsupported-graph` naming the node whose form is not covered; `invalid-argument` for an
 *   input without a static shape
 */
export function lower(model: OnnxModel, { from, shapes }: LowerOptions): OnnxModel {
  const raised = raiseOpset(model, OPSET);
  const { graph } = raised;
  const g = new GraphBuilder('lowered/');
  const values = knownValues(graph, shapes);
  const stated = new Map(graph.valueInfo.map((v) => [v.name, v]));
  const { constants } = indexGraph(graph);
  const nodes: OnnxNode[] = [];
  const initializers = [...graph.initializers];
  const context = { g, nodes, values, constants, shared: new Map<string, ValueName>() };
  const reached = new Set(from);
  const todo = joinSwish(graph.nodes);
  for (let node = todo.shift(); node !== undefined; node = todo.shift()) {
    const branch = chosenBranch(node, values);
    if (branch !== undefined) {
      for (const tensor of branch.initializers) values.set(tensor.name, constantValue(tensor));
      initializers.push(...branch.initializers);
      const named = node.outputs.map((output, i) =>
        makeNode('Identity', [branch.outputs[i]!.name], [output]),
      );
      todo.unshift(...joinSwish(branch.nodes), ...named);
      continue;
    }
    const isReached = node.inputs.some((i) => reached.has(i));
    if (isReached) for (const output of node.outputs) reached.add(output);
    const rule = isReached ? rules[operatorName(node)] : undefined;
    if (rule === undefined) {
      inferNode(node, values, stated);
      nodes.push(node);
      continue;
    }
    const [firstNode, firstTensor] = [g.nodes.length, g.initializers.length];
    rule(new Lowering(node, context));
    for (const tensor of g.initializers.slice(firstTensor)) values.set(tensor.name, constantValue(tensor));
    for (const made of g.nodes.slice(firstNode)) {
      inferNode(made, values);
      nodes.push(made);
    }
  }
  initializers.push(...g.initializers);
  const opsets = [...raised.opsets.filter((o) => o.domain !== MICROSOFT), { domain: MICROSOFT, version: 1 }];
  return { ...raised, opsets, graph: { ...graph, nodes, initializers } };
}

/** Of an `If` whose condition is known beforehand, such as that of angles for texts of more than some length (LongRoPE). */
function chosenBranch(node: OnnxNode, values: ReadonlyMap<ValueName, StaticValue>): OnnxGraph | undefined {
  const [condition] = values.get(node.inputs[0] ?? '')?.numbers ?? [];
  if (node.opType !== 'If' || condition === undefined) return undefined;
  return attribute(node, condition === 0 ? 'else_branch' : 'then_branch')?.g;
}

/** x·σ(x) in two nodes, as most exports have SiLU, becomes one. The first stays for whoever else reads it. */
function joinSwish(nodes: readonly OnnxNode[]): OnnxNode[] {
  const sigmoids = new Map(
    nodes.flatMap((n) => (n.opType === 'Sigmoid' ? [[n.outputs[0]!, n.inputs[0]!]] : [])),
  );
  return nodes.map((node) => {
    const [a = '', b = ''] = node.inputs;
    const x = sigmoids.get(a) === b ? b : sigmoids.get(b) === a ? a : undefined;
    if (node.opType !== 'Mul' || x === undefined) return node;
    return makeNode('QuickGelu', [x], node.outputs, { alpha: { float: 1 } }, MICROSOFT);
  });
}
