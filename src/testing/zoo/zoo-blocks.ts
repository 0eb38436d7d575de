/** For tests only: weights in the type of a style, and the linear layers and norms that are made of them. */
import { GraphBuilder, type TensorData, type ValueName } from '../../onnx/builder.ts';
import { toFloat16 } from '../../onnx/float16.ts';
import { DataType, type DataTypeName } from '../../onnx/onnx-model.ts';
import { H, type ZooPart, type ZooStyle } from './zoo-style.ts';
import { bytes, seeded } from './zoo-weights.ts';

export class ZooBlocks {
  readonly g = new GraphBuilder('x');
  protected readonly style: ZooStyle;
  protected readonly part: ZooPart;
  protected readonly float: 'float32' | 'float16';
  protected readonly ids: ValueName;

  constructor(style: ZooStyle, part: ZooPart) {
    this.style = style;
    this.part = part;
    this.float = style.float ?? 'float32';
    this.ids = this.g.input('input_ids', style.ids ?? 'int64', ['batch', 'sequence']);
  }

  protected linear(x: ValueName, name: string, k: number, n: number): ValueName {
    const { g } = this;
    const { weights = 'float' } = this.style;
    if (weights === 'float') return g.matMul(x, this.weight(name, [k, n], k ** -0.5));
    if (weights === 'int8') return this.dynamicInt8(x, name, k, n);
    const bits = weights === '8-bit' ? 8 : 4;
    const blocks = Math.ceil(k / 32);
    if (weights === 'bnb4') {
      const packed = g.tensor(`${name}_b`, [(k * n) / 2], bytes(name, (k * n) / 2));
      const absmax = this.weight(`${name}_absmax`, [(k * n) / 64], 0.1, 0.2);
      return g.fused('MatMulBnb4', [x, packed, absmax], {
        attributes: { K: k, N: n, block_size: 64, quant_type: 1 },
      });
    }
    const packed = g.tensor(`${name}_b`, [n, blocks, (32 * bits) / 8], bytes(name, n * blocks * 4 * bits));
    const scales = this.weight(`${name}_scales`, [n * blocks], 0.2 / 2 ** bits, 0.8 / 2 ** bits);
    const zeros =
      weights === 'q4-zero-points'
        ? [
            g.tensor(
              `${name}_zeros`,
              [n * Math.ceil(blocks / 2)],
              bytes(`${name}_zeros`, n * Math.ceil(blocks / 2)),
            ),
          ]
        : [];
    return g.fused('MatMulNBits', [x, packed, scales, ...zeros], {
      attributes: { K: k, N: n, bits, block_size: 32, accuracy_level: weights === 'q4-accuracy-4' ? 4 : 0 },
    });
  }

  protected dynamicInt8(x: ValueName, name: string, k: number, n: number): ValueName {
    const { g } = this;
    const outputs = ['quantized', 'scale', 'zero'].map((part) => g.fresh(`${name}_${part}`));
    g.op('DynamicQuantizeLinear', [x], { outputs });
    const weight = g.tensor(`${name}_int8`, [k, n], new Int8Array(bytes(name, k * n).buffer));
    const product = g.op('MatMulInteger', [outputs[0]!, weight, outputs[2]!]);
    const scales = g.mul(outputs[1]!, this.tensor(`${name}_step`, [1], Float32Array.of(0.003)));
    return g.mul(g.op('Cast', [product], { attributes: { to: DataType.float32 } }), scales);
  }

  protected norm(x: ValueName, name: string): ValueName {
    const { g } = this;
    const { norm = 'fused' } = this.style;
    const gain = this.weight(`${name}_gain`, [H], 0.1, 1);
    const attributes = { epsilon: { float: 1e-5 }, axis: -1 };
    if (norm === 'fused') return g.op('SimplifiedLayerNormalization', [x, gain], { attributes });
    if (norm === 'layer') {
      return g.op('LayerNormalization', [x, gain, this.weight(`${name}_bias`, [H], 0.1)], { attributes });
    }
    const wide = this.float === 'float32' ? x : g.op('Cast', [x], { attributes: { to: DataType.float32 } });
    const mean = g.op('ReduceMean', [g.op('Pow', [wide, g.float(2)])], { attributes: { axes: [-1] } });
    const normed = g.div(wide, g.op('Sqrt', [g.add(mean, g.float(1e-5))]));
    const typed =
      this.float === 'float32' ? normed : g.op('Cast', [normed], { attributes: { to: DataType.float16 } });
    return g.mul(gain, typed);
  }

  protected weight(name: string, dims: readonly number[], spread: number, middle = 0): ValueName {
    const size = dims.reduce((a, b) => a * b, 1);
    const random = seeded(name);
    return this.tensor(
      name,
      dims,
      Float32Array.from({ length: size }, () => middle + spread * (2 * random() - 1)),
    );
  }

  protected scalar(value: number): ValueName {
    return this.float === 'float32'
      ? this.g.float(value)
      : this.tensor(`f16_${value}`, [], Float32Array.of(value));
  }

  /** An initializer in the model's float type, made once. */
  protected tensor(name: string, dims: readonly number[], values: Float32Array): ValueName {
    if (this.g.initializers.some((t) => t.name === name)) return name;
    const data: TensorData = this.float === 'float16' ? toFloat16(values) : values;
    const type: DataTypeName = this.float;
    return this.g.tensor(name, dims, data, type);
  }
}
