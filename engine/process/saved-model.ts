/** Nodes as the bytes of a TensorFlow SavedModel with one meta graph, tagged `serve`. */
import { dataTypes, type GraphNode, type OpAttribute } from '../../numerics/graph/graph.js';
import { protocolClasses } from './device-package.js';
import type { Message } from './protocol-buffers.js';

const proto = protocolClasses();

/** Numbers the binding exports for attribute kinds (`TF_ATTR_INT` ...). */
export type AttributeKinds = Readonly<
  Record<'string' | 'int' | 'float' | 'bool' | 'type' | 'shape', number>
>;

export function encodeSavedModel(nodes: readonly GraphNode[], kinds: AttributeKinds): Uint8Array {
  const definition = new proto.GraphDef();
  definition.setNodeList(nodes.map((node) => encodeNode(node, kinds)));
  // The graph version of TensorFlow 2.17: ops keep their meaning for later versions.
  const versions = new proto.VersionDef();
  versions.setProducer(1882);
  definition.setVersions(versions);
  const information = new proto.MetaGraphDef.MetaInfoDef();
  information.setTagsList(['serve']);
  const metaGraph = new proto.MetaGraphDef();
  metaGraph.setMetaInfoDef(information);
  metaGraph.setGraphDef(definition);
  const model = new proto.SavedModel();
  model.setSavedModelSchemaVersion(1);
  model.setMetaGraphsList([metaGraph]);
  return model.serializeBinary();
}

function encodeNode(node: GraphNode, kinds: AttributeKinds): Message {
  const definition = new proto.NodeDef();
  definition.setName(node.name);
  const attributes = definition.getAttrMap();
  switch (node.kind) {
    case 'placeholder':
      definition.setOp('Placeholder');
      attributes.set('dtype', typeValue(dataTypes[node.dtype]));
      attributes.set('shape', shapeValue(node.shape));
      break;
    case 'constant':
      definition.setOp('Const');
      attributes.set('dtype', typeValue(dataTypes[node.dtype]));
      attributes.set('value', tensorValue(node));
      break;
    case 'op':
      definition.setOp(node.op);
      definition.setInputList([...node.inputs, ...(node.after ?? []).map(control)]);
      for (const attribute of node.attributes) {
        attributes.set(attribute.name, attributeValue(attribute, kinds));
      }
      break;
    case 'variable':
      definition.setOp('VarHandleOp');
      attributes.set('dtype', typeValue(dataTypes[node.dtype]));
      attributes.set('shape', anyShape());
      attributes.set('shared_name', stringValue(node.name));
      break;
    case 'read':
      definition.setOp('ReadVariableOp');
      definition.setInputList([`${node.variable.name}:0`, ...node.after.map(control)]);
      attributes.set('dtype', typeValue(dataTypes[node.variable.dtype]));
      break;
    case 'update': {
      const variables = [node.weights, node.velocity].map(({ name }) => `${name}:0`);
      const values = [node.learningRate, node.gradient, node.momentum];
      definition.setOp('ResourceApplyMomentum');
      definition.setInputList([...variables, ...values, ...node.after.map(control)]);
      attributes.set('T', typeValue(dataTypes.float32));
      attributes.set('use_nesterov', boolValue(node.nesterov));
      break;
    }
    case 'assign':
      definition.setOp('AssignVariableOp');
      definition.setInputList([`${node.variable.name}:0`, node.value, ...node.after.map(control)]);
      attributes.set('dtype', typeValue(dataTypes[node.variable.dtype]));
      break;
    default:
      throw new Error(`unknown node ${JSON.stringify(node satisfies never)}`);
  }
  return definition;
}

function typeValue(type: number): Message {
  const value = new proto.AttrValue();
  value.setType(type);
  return value;
}

/** How a graph names a node that another waits for. */
function control(name: string): string {
  return `^${name}`;
}

function boolValue(flag: boolean): Message {
  const value = new proto.AttrValue();
  value.setB(flag);
  return value;
}

function stringValue(text: string): Message {
  const value = new proto.AttrValue();
  value.setS(new TextEncoder().encode(text));
  return value;
}

function shapeValue(shape: readonly number[]): Message {
  const value = new proto.AttrValue();
  value.setShape(encodeShape(shape));
  return value;
}

/**
 * Shape attribute of a variable, hidden from the graph optimiser: it would add up in another order
 * what it knows to have one shape, and so round differently in the first step of a call than later.
 */
function anyShape(): Message {
  const shape = new proto.TensorShape();
  shape.setUnknownRank(true);
  const value = new proto.AttrValue();
  value.setShape(shape);
  return value;
}

function encodeShape(shape: readonly number[]): Message {
  const encoded = new proto.TensorShape();
  encoded.setDimList(
    shape.map((size) => {
      const dimension = new proto.TensorShape.Dim();
      dimension.setSize(size);
      return dimension;
    }),
  );
  return encoded;
}

function tensorValue(node: Extract<GraphNode, { kind: 'constant' }>): Message {
  const tensor = new proto.Tensor();
  tensor.setDtype(dataTypes[node.dtype]);
  tensor.setTensorShape(encodeShape(node.shape));
  const { buffer, byteOffset, byteLength } = node.values;
  tensor.setTensorContent(new Uint8Array(buffer, byteOffset, byteLength));
  const value = new proto.AttrValue();
  value.setTensor(tensor);
  return value;
}

function attributeValue({ name, type, value }: OpAttribute, kinds: AttributeKinds): Message {
  const encoded = new proto.AttrValue();
  if (type === kinds.type) encoded.setType(Number(value));
  else if (type === kinds.string) return stringValue(String(value));
  else if (type === kinds.bool) return boolValue(Boolean(value));
  else if (type === kinds.int && typeof value === 'object') encoded.setList(intList(value));
  else if (type === kinds.int) encoded.setI(Number(value));
  else if (type === kinds.float && typeof value === 'number') encoded.setF(value);
  else if (type === kinds.shape && typeof value === 'object') encoded.setShape(encodeShape(value));
  else throw new Error(`attribute ${name} is of a kind that graphs do not hold (${type})`);
  return encoded;
}

function intList(values: readonly number[]): Message {
  const list = new proto.AttrValue.ListValue();
  list.setIList([...values]);
  return list;
}
