import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { PbfWriter } from 'pbf';

/**
 * Just enough of the ONNX format (onnx.proto3) to write one graph down: nodes in order, small constants inside the model
 * file, weights beside it in a data file that the runtime maps into memory instead of reading it.
 */
export type ElementType = 'float' | 'float16' | 'uint8' | 'int8' | 'int32' | 'int64';

/** `TensorProto.DataType`. */
const TYPE_NUMBER: Readonly<Record<ElementType, number>> = {
  float: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  float16: 10,
};

/** A named value that flows through the graph. An empty name leaves an optional input out. */
export type Value = string;
export const NONE: Value = '';

/** A dimension's size, or the name under which it varies. */
export type Dimension = number | string;

export type Attribute = number | readonly number[] | { readonly float: number };

interface Port {
  readonly name: string;
  readonly type: ElementType;
  readonly dims: readonly Dimension[];
}

interface Node {
  readonly op: string;
  readonly domain: string;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

interface Initializer {
  readonly name: string;
  readonly type: ElementType;
  readonly dims: readonly number[];
  readonly content: Uint8Array | { readonly offset: number; readonly length: number };
}

/** ONNX Runtime's own operators: block-wise quantised products, fused norms and activations. */
export const MICROSOFT = 'com.microsoft';

/** Operator sets and file version: the ones that introduced what the graph uses, old enough for every current runtime. */
const ONNX_OPSET = 17;
const MICROSOFT_OPSET = 1;
const IR_VERSION = 8;

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
    const model = new PbfWriter();
    model.writeVarintField(1, IR_VERSION);
    model.writeStringField(2, 'parley');
    model.writeMessage(7, writeGraph, {
      nodes: this.#nodes,
      initializers: this.#initializers,
      inputs: this.#inputs,
      outputs: this.#outputs,
      dataName: this.#dataName,
    });
    model.writeMessage(8, writeOperatorSet, { domain: '', version: ONNX_OPSET });
    model.writeMessage(8, writeOperatorSet, { domain: MICROSOFT, version: MICROSOFT_OPSET });
    for (const [key, value] of Object.entries(properties)) model.writeMessage(14, writeEntry, { key, value });
    return model.finish();
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

// The field numbers below are onnx.proto3's.

interface GraphParts {
  readonly nodes: readonly Node[];
  readonly initializers: readonly Initializer[];
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly dataName: string;
}

function writeGraph(graph: GraphParts, pbf: PbfWriter): void {
  for (const node of graph.nodes) pbf.writeMessage(1, writeNode, node);
  pbf.writeStringField(2, 'gpt2');
  for (const tensor of graph.initializers)
    pbf.writeMessage(5, writeTensor, { tensor, dataName: graph.dataName });
  for (const port of graph.inputs) pbf.writeMessage(11, writePort, port);
  for (const port of graph.outputs) pbf.writeMessage(12, writePort, port);
}

function writeNode(node: Node, pbf: PbfWriter): void {
  for (const input of node.inputs) pbf.writeStringField(1, input);
  for (const output of node.outputs) pbf.writeStringField(2, output);
  pbf.writeStringField(4, node.op);
  for (const [name, value] of Object.entries(node.attributes))
    pbf.writeMessage(5, writeAttribute, { name, value });
  pbf.writeStringField(7, node.domain);
}

function writeAttribute({ name, value }: { name: string; value: Attribute }, pbf: PbfWriter): void {
  pbf.writeStringField(1, name);
  if (typeof value === 'number') {
    pbf.writeVarintField(3, value);
    pbf.writeVarintField(20, 2);
  } else if ('float' in value) {
    pbf.writeFloatField(2, value.float);
    pbf.writeVarintField(20, 1);
  } else {
    for (const item of value) pbf.writeVarintField(8, item);
    pbf.writeVarintField(20, 7);
  }
}

function writeTensor({ tensor, dataName }: { tensor: Initializer; dataName: string }, pbf: PbfWriter): void {
  for (const size of tensor.dims) pbf.writeVarintField(1, size);
  pbf.writeVarintField(2, TYPE_NUMBER[tensor.type]);
  pbf.writeStringField(8, tensor.name);
  if (tensor.content instanceof Uint8Array) {
    pbf.writeBytesField(9, tensor.content);
    return;
  }
  pbf.writeMessage(13, writeEntry, { key: 'location', value: dataName });
  pbf.writeMessage(13, writeEntry, { key: 'offset', value: String(tensor.content.offset) });
  pbf.writeMessage(13, writeEntry, { key: 'length', value: String(tensor.content.length) });
  pbf.writeVarintField(14, 1);
}

function writePort(port: Port, pbf: PbfWriter): void {
  pbf.writeStringField(1, port.name);
  pbf.writeMessage(2, (_, type) => type.writeMessage(1, writeTensorType, port), undefined);
}

function writeTensorType(port: Port, pbf: PbfWriter): void {
  pbf.writeVarintField(1, TYPE_NUMBER[port.type]);
  pbf.writeMessage(2, writeDimensions, port.dims);
}

function writeDimensions(dims: readonly Dimension[], pbf: PbfWriter): void {
  for (const size of dims) {
    pbf.writeMessage(
      1,
      (value: Dimension, dimension) => {
        if (typeof value === 'number') dimension.writeVarintField(1, value);
        else dimension.writeStringField(2, value);
      },
      size,
    );
  }
}

function writeEntry({ key, value }: { key: string; value: string }, pbf: PbfWriter): void {
  pbf.writeStringField(1, key);
  pbf.writeStringField(2, value);
}

function writeOperatorSet({ domain, version }: { domain: string; version: number }, pbf: PbfWriter): void {
  pbf.writeStringField(1, domain);
  pbf.writeVarintField(2, version);
}
