import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Attribute,
  type Dimension,
  type ElementType,
  type Initializer,
  modelFile,
  type Node,
  type Port,
  TYPE_NUMBER,
  type Value,
} from './onnx-format.ts';

/** Weights from this size on lie in the data file. */
const EXTERNAL_FROM_BYTES = 16 * 1024;
/** Memory maps begin at multiples of 4 KiB, on Windows of 64 KiB. */
const EXTERNAL_ALIGNMENT = 64 * 1024;

export interface NodeOptions {
  readonly domain?: string;
  readonly attributes?: Readonly<Record<string, Attribute>>;
}

/** A graph under construction; every method gives the name of the value it makes. */
export class OnnxGraph {
  readonly #inputs: Port[] = [];
  readonly #outputs: Port[] = [];
  readonly #sized: Port[] = [];
  readonly #nodes: Node[] = [];
  readonly #initializers: Initializer[] = [];
  readonly #folder: string;
  readonly #dataName: string;
  #data: FileHandle | undefined;
  #dataLength = 0;
  #counter = 0;

  /** Begins a graph whose large weights, if it has any, go to `folder/dataName`. */
  constructor(folder: string, dataName: string) {
    this.#folder = folder;
    this.#dataName = dataName;
  }

  input(name: string, type: ElementType, dims: readonly Dimension[]): Value {
    this.#inputs.push({ name, type, dims });
    return name;
  }

  /** Makes an existing value an output of the graph under the name it has. */
  output(value: Value, type: ElementType, dims: readonly Dimension[]): void {
    this.#outputs.push({ name: value, type, dims });
  }

  /**
   * Says how large a value of floats is, where the runtime cannot tell from what it is made of. Only between values that are
   * known to be equally large it computes in place.
   */
  sized(value: Value, dims: readonly Dimension[]): Value {
    this.#sized.push({ name: value, type: 'float', dims });
    return value;
  }

  node(op: string, inputs: readonly Value[], options: NodeOptions = {}): Value {
    return this.nodeAs(this.#name(op), op, inputs, options);
  }

  nodeAs(output: Value, op: string, inputs: readonly Value[], options: NodeOptions = {}): Value {
    this.#add(op, inputs, [output], options);
    return output;
  }

  /** A node with so many outputs. */
  nodeWith(count: number, op: string, inputs: readonly Value[], options: NodeOptions = {}): Value[] {
    const outputs = Array.from({ length: count }, () => this.#name(op));
    this.#add(op, inputs, outputs, options);
    return outputs;
  }

  integers(values: readonly number[]): Value {
    const name = this.#name('integers');
    const content = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
    this.#initializers.push({ name, type: 'int64', dims: [values.length], content });
    return name;
  }

  scalar(value: number, type: 'float' | 'uint8'): Value {
    const name = this.#name('scalar');
    const values = type === 'float' ? Float32Array.of(value) : Uint8Array.of(value);
    this.#initializers.push({ name, type, dims: [], content: new Uint8Array(values.buffer) });
    return name;
  }

  /** The same numbers as elements of another type. */
  cast(value: Value, type: ElementType): Value {
    return this.node('Cast', [value], { attributes: { to: TYPE_NUMBER[type] } });
  }

  /** A constant; large ones are written to the data file at once and not kept. */
  async weight(
    name: string,
    values: Float32Array | Uint8Array | Int8Array,
    dims: readonly number[],
  ): Promise<Value> {
    const type = values instanceof Float32Array ? 'float' : values instanceof Int8Array ? 'int8' : 'uint8';
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    const length = bytes.length;
    const content =
      length < EXTERNAL_FROM_BYTES ? bytes.slice() : { offset: await this.store(bytes), length };
    this.#initializers.push({ name, type, dims, content });
    return name;
  }

  /** A constant of floats that `store` has written. */
  stored(name: string, offset: number, dims: readonly number[]): Value {
    const length = dims.reduce((product, size) => product * size, Float32Array.BYTES_PER_ELEMENT);
    this.#initializers.push({ name, type: 'float', dims, content: { offset, length } });
    return name;
  }

  /** Writes to the data file what the graph need not know of; gives its place there. */
  async store(bytes: Uint8Array): Promise<number> {
    this.#data ??= await open(join(this.#folder, this.#dataName), 'w');
    const offset = Math.ceil(this.#dataLength / EXTERNAL_ALIGNMENT) * EXTERNAL_ALIGNMENT;
    for (let at = 0; at < bytes.length; ) {
      at += (await this.#data.write(bytes, at, bytes.length - at, offset + at)).bytesWritten;
    }
    this.#dataLength = offset + bytes.length;
    return offset;
  }

  /** Ends the data file (flushed to the disk) and gives the model file's bytes. */
  async finish(properties: Readonly<Record<string, string>>): Promise<Uint8Array> {
    await this.#data?.sync();
    await this.#data?.close();
    return modelFile(
      {
        nodes: this.#nodes,
        initializers: this.#initializers,
        inputs: this.#inputs,
        outputs: this.#outputs,
        sized: this.#sized,
        dataName: this.#dataName,
      },
      properties,
    );
  }

  /** Closes the data file of a graph that will not be finished. */
  async abandon(): Promise<void> {
    await this.#data?.close().catch(() => undefined);
  }

  #name(op: string): Value {
    return `${op}_${this.#counter++}`;
  }

  #add(op: string, inputs: readonly Value[], outputs: readonly Value[], options: NodeOptions): void {
    this.#nodes.push({
      op,
      inputs,
      outputs,
      domain: options.domain ?? '',
      attributes: options.attributes ?? {},
    });
  }
}
