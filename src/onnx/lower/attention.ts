/** The fused kinds of attention. Each sorts its inputs into heads and hands them to `attend.ts`. */
import type { ValueName } from '../builder.ts';
import { DataType } from '../onnx-model.ts';
import { attend, fromHeads, maskBias, toHeads } from './attend.ts';
import type { Lowering, LoweringRule } from './lowering.ts';
import { rmsNorm } from './norms.ts';
import { rotate, rotationAt, split } from './rotary.ts';

/** Keys or values [B, N, P, d] from before, continued; the new ones alone where there are none. */
function continued(at: Lowering, past: number, x: ValueName): { value: ValueName; length: number } {
  const length = at.has(past) ? at.shape(past)[2]! : 0;
  return { value: length === 0 ? x : at.g.concat([at.float(past), x], 2), length };
}

/**
 * com.microsoft.GroupQueryAttention. Without a past, and with every row of full length or padded on its right: what
 * stands behind a row's end then sees more than in the fused operator, which nobody reads.
 */
const grouped: LoweringRule = (at) => {
  const { g } = at;
  if (at.has(3) && at.shape(3)[2] !== 0) at.fail('it continues a past, expected none');
  if (at.has(12) || at.has(13)) at.fail('its cache is quantized');
  if (at.node.inputs.length > 16) at.fail(`it has ${at.node.inputs.length} inputs, expected 16 at most`);
  const heads = at.int('num_heads', 0);
  const kvHeads = at.int('kv_num_heads', 0);
  const [batch, length, width] = at.shape(0) as [number, number, number];
  const isPacked = !at.has(1);
  const size = width / (isPacked ? heads + 2 * kvHeads : heads);
  const parts = isPacked
    ? split(g, at.float(0), 2, [heads * size, kvHeads * size, kvHeads * size])
    : [at.float(0), at.float(1), at.float(2)];
  let [q, k, v] = parts as [ValueName, ValueName, ValueName];
  // Queries and keys normed in each head, before they are turned (Qwen 3).
  if (at.has(14) !== at.has(15)) at.fail('it norms one of queries and keys, expected both or neither');
  if (at.has(14)) {
    const epsilon = at.number('qk_norm_epsilon', 1e-6);
    const normed = (x: ValueName, n: number, weight: ValueName) =>
      g.reshape(rmsNorm(g, g.reshape(x, [batch, length, n, size]), weight, epsilon), [
        ...[batch, length, n * size],
      ]);
    q = normed(q, heads, at.float(14));
    k = normed(k, kvHeads, at.float(15));
  }
  if (at.int('do_rotary', 0) === 1) {
    const positions = at.has(9) ? { input: 9 } : {};
    const rotation = rotationAt(at, { cos: 7, sin: 8 }, { ...positions, batch, length });
    q = rotate(g, q, { heads, headSize: size }, rotation);
    k = rotate(g, k, { heads: kvHeads, headSize: size }, rotation);
  }
  q = toHeads(at, q, [batch, length, heads, size]);
  k = toHeads(at, k, [batch, length, kvHeads, size]);
  v = toHeads(at, v, [batch, length, kvHeads, size]);
  const window = at.int('local_window_size', -1);
  const sinks = () =>
    at.has(11) ? g.reshape(at.float(11), [1, heads, 1, 1]) : g.reshape(g.float(0), [1, 1, 1, 1]);
  const attended = attend(at, {
    ...{ q, k, v, batch, heads, kvHeads, length, total: length, headSize: size, valueSize: size },
    scale: at.number('scale', 0),
    softcap: at.number('softcap', 0),
    causal: true,
    window: window < 0 ? undefined : window,
    bias: at.has(10) ? at.float(10) : undefined,
    sink: at.has(11) || at.int('smooth_softmax', 0) === 1 ? sinks() : undefined,
  });
  at.give(0, () => fromHeads(at, attended, [batch, heads, length, size]));
  at.give(1, () => k);
  at.give(2, () => v);
};

/** com.microsoft.MultiHeadAttention, with queries, keys and values apart. */
const multiHead: LoweringRule = (at) => {
  const { g } = at;
  const heads = at.int('num_heads', 0);
  if (at.shape(0).length !== 3 || !at.has(1) || !at.has(2) || at.shape(1).length !== 3) {
    at.fail('its queries, keys and values are packed, expected three inputs [batch, length, N·d]');
  }
  const [batch, length, width] = at.shape(0) as [number, number, number];
  const fresh = at.shape(1)[1]!;
  const size = width / heads;
  const valueSize = at.shape(2)[2]! / heads;
  const biases = at.has(3) ? split(g, at.float(3), 0, [width, width, heads * valueSize]) : undefined;
  const withBias = (i: number) => (biases ? g.add(at.float(i), biases[i]!) : at.float(i));
  const q = toHeads(at, withBias(0), [batch, length, heads, size]);
  const k = toHeads(at, withBias(1), [batch, fresh, heads, size]);
  const v = toHeads(at, withBias(2), [batch, fresh, heads, valueSize]);
  const keys = continued(at, 6, k);
  const { value: values } = continued(at, 7, v);
  const total = keys.length + fresh;
  let bias = at.has(5) ? at.float(5) : undefined;
  if (at.has(4)) {
    if (at.shape(4).length !== 2) at.fail(`its padding mask is [${at.shape(4)}], expected [batch, length]`);
    const mask = maskBias(at, at.x(4), at.number('mask_filter_value', -10_000));
    const padding = g.reshape(mask, [batch, 1, 1, total]);
    bias = bias === undefined ? padding : g.add(bias, padding);
  }
  const attended = attend(at, {
    ...{ q, k: keys.value, v: values, batch, heads, kvHeads: heads, length, total },
    ...{ headSize: size, valueSize, scale: at.number('scale', 0), softcap: 0, bias },
    causal: at.int('unidirectional', 0) === 1,
  });
  at.give(0, () => fromHeads(at, attended, [batch, heads, length, valueSize]));
  at.give(1, () => keys.value);
  at.give(2, () => values);
};

/** com.microsoft.Attention: one product for queries, keys and values, inside. */
const fused: LoweringRule = (at) => {
  const { g } = at;
  const heads = at.int('num_heads', 0);
  const [batch, length] = at.shape(0) as [number, number];
  const all = at.shape(1)[1]!;
  if (at.node.attributes.some((a) => a.name === 'qkv_hidden_sizes')) at.fail('its heads differ in size');
  if (at.int('do_rotary', 0) === 1) at.fail('it rotates inside');
  const size = all / 3 / heads;
  const product = g.matMul(at.float(0), at.float(1));
  const projected = at.has(2) ? g.add(product, at.float(2)) : product;
  const [q, newKeys, newValues] = split(g, projected, 2, [all / 3, all / 3, all / 3]).map((x) =>
    toHeads(at, x, [batch, length, heads, size]),
  ) as [ValueName, ValueName, ValueName];
  let [k, v] = [newKeys, newValues];
  const past = at.has(4) ? at.shape(4)[3]! : 0;
  if (past > 0) {
    const [keys, values] = split(g, at.float(4), 0, [1, 1]).map((x) =>
      g.reshape(x, [batch, heads, past, size]),
    );
    k = g.concat([keys!, k], 2);
    v = g.concat([values!, v], 2);
  }
  const total = past + length;
  let bias = at.has(5) ? at.float(5) : undefined;
  if (at.has(3)) {
    if (at.shape(3).length !== 2) at.fail(`its mask is [${at.shape(3)}], expected [batch, length]`);
    const mask = maskBias(at, at.x(3), at.number('mask_filter_value', -10_000));
    const padding = g.reshape(mask, [batch, 1, 1, total]);
    bias = bias === undefined ? padding : g.add(bias, padding);
  }
  const attended = attend(at, {
    ...{ q, k, v, batch, heads, kvHeads: heads, length, total, headSize: size, valueSize: size },
    ...{ scale: at.number('scale', 0), softcap: 0, bias },
    causal: at.int('unidirectional', 0) === 1,
  });
  at.give(0, () => fromHeads(at, attended, [batch, heads, length, size]));
  at.give(1, () =>
    g.concat(
      [k, v].map((x) => g.reshape(x, [1, batch, heads, total, size])),
      0,
    ),
  );
};

/** Attention of opset 23, on [B, N, L, d] or [B, L, N·d]. */
const standard: LoweringRule = (at) => {
  const isFlat = at.shape(0).length === 3;
  const heads = isFlat ? at.int('q_num_heads', 0) : at.shape(0)[1]!;
  const kvHeads = isFlat ? at.int('kv_num_heads', 0) : at.shape(1)[1]!;
  if (at.int('qk_matmul_output_mode', 0) !== 0 || at.node.outputs[3]) at.fail('its scores are an output');
  const sorted = (i: number, n: number) => {
    const shape = at.shape(i);
    if (!isFlat) return { x: at.float(i), length: shape[2]!, size: shape[3]! };
    const [batch, length, width] = shape as [number, number, number];
    return { x: toHeads(at, at.float(i), [batch, length, n, width / n]), length, size: width / n };
  };
  const batch = at.shape(0)[0]!;
  const q = sorted(0, heads);
  const [newKeys, newValues] = [sorted(1, kvHeads), sorted(2, kvHeads)];
  const keys = continued(at, 4, newKeys.x);
  const { value: values } = continued(at, 5, newValues.x);
  let bias: ValueName | undefined;
  if (at.has(3)) {
    const isBoolean = at.value(3).dataType === DataType.bool;
    bias = isBoolean ? maskBias(at, at.x(3), -1e30) : at.float(3);
  }
  const attended = attend(at, {
    ...{ q: q.x, k: keys.value, v: values, batch, heads, kvHeads, length: q.length },
    ...{ total: keys.length + newKeys.length, headSize: q.size, valueSize: newValues.size, bias },
    scale: at.number('scale', 0),
    softcap: at.number('softcap', 0),
    causal: at.int('is_causal', 0) === 1,
  });
  at.give(0, () => (isFlat ? fromHeads(at, attended, [batch, heads, q.length, newValues.size]) : attended));
  at.give(1, () => keys.value);
  at.give(2, () => values);
};

export const attentionRules: Readonly<Record<string, LoweringRule>> = {
  'com.microsoft.GroupQueryAttention': grouped,
  'com.microsoft.MultiHeadAttention': multiHead,
  'com.microsoft.Attention': fused,
  Attention: standard,
};
