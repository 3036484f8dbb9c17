import { PbfWriter } from 'pbf';

/**
 * Just enough of the ONNX format (onnx.proto3) to write one graph down: nodes in order, small constants inside the model
 * file, weights beside it in a data file that the runtime maps into memory instead of reading it.
 */
export type ElementType = 'float' | 'float16' | 'uint8' | 'int8' | 'int32' | 'int64';

/** `TensorProto.DataType`. */
export const TYPE_NUMBER: Readonly<Record<ElementType, number>> = {
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

export interface Port {
  readonly name: string;
  readonly type: ElementType;
  readonly dims: readonly Dimension[];
}

export interface Node {
  readonly op: string;
  readonly domain: string;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

export interface Initializer {
  readonly name: string;
  readonly type: ElementType;
  readonly dims: readonly number[];
  readonly content: Uint8Array | { readonly offset: number; readonly length: number };
}

/** ONNX Runtime's own operators: block-wise quantised products, fused norms and activations. */
export const MICROSOFT = 'com.microsoft';

/** Operator sets and file version: the ones that introduced what the graph uses (`TensorScatter`). */
const ONNX_OPSET = 24;
const MICROSOFT_OPSET = 1;
const IR_VERSION = 12;

/** All that a model file tells; `sized` are values between nodes whose dimensions are known. */
export interface GraphParts {
  readonly nodes: readonly Node[];
  readonly initializers: readonly Initializer[];
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly sized: readonly Port[];
  readonly dataName: string;
}

/** The model file's bytes. */
export function modelFile(graph: GraphParts, properties: Readonly<Record<string, string>>): Uint8Array {
  const model = new PbfWriter();
  model.writeVarintField(1, IR_VERSION);
  model.writeStringField(2, 'parley');
  model.writeMessage(7, writeGraph, graph);
  model.writeMessage(8, writeOperatorSet, { domain: '', version: ONNX_OPSET });
  model.writeMessage(8, writeOperatorSet, { domain: MICROSOFT, version: MICROSOFT_OPSET });
  for (const [key, value] of Object.entries(properties)) model.writeMessage(14, writeEntry, { key, value });
  return model.finish();
}

// The field numbers below are onnx.proto3's.

function writeGraph(graph: GraphParts, pbf: PbfWriter): void {
  for (const node of graph.nodes) pbf.writeMessage(1, writeNode, node);
  pbf.writeStringField(2, 'gpt2');
  for (const tensor of graph.initializers)
    pbf.writeMessage(5, writeTensor, { tensor, dataName: graph.dataName });
  for (const port of graph.inputs) pbf.writeMessage(11, writePort, port);
  for (const port of graph.outputs) pbf.writeMessage(12, writePort, port);
  for (const port of graph.sized) pbf.writeMessage(13, writePort, port);
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
