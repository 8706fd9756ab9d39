/** Types of the generated protocol buffer classes that tfjs-node ships without declarations. */

export interface Message {
  serializeBinary(): Uint8Array;
}

interface AttributeMap {
  set(name: string, value: Message): void;
}

interface NodeDef extends Message {
  setName(name: string): void;
  setOp(op: string): void;
  setInputList(inputs: string[]): void;
  getAttrMap(): AttributeMap;
}

interface AttrValue extends Message {
  setType(type: number): void;
  setS(bytes: Uint8Array): void;
  setB(value: boolean): void;
  setI(value: number): void;
  setF(value: number): void;
  setShape(shape: Message): void;
  setTensor(tensor: Message): void;
  setList(list: Message): void;
}

interface ListValue extends Message {
  setIList(values: number[]): void;
}

interface TensorShape extends Message {
  setDimList(dimensions: Message[]): void;
  setUnknownRank(unknown: boolean): void;
}

interface Dim extends Message {
  setSize(size: number): void;
}

interface TensorProto extends Message {
  setDtype(type: number): void;
  setTensorShape(shape: Message): void;
  setTensorContent(bytes: Uint8Array): void;
}

interface GraphDef extends Message {
  setNodeList(nodes: Message[]): void;
  setVersions(versions: Message): void;
}

interface VersionDef extends Message {
  setProducer(version: number): void;
}

interface MetaInfoDef extends Message {
  setTagsList(tags: string[]): void;
}

interface MetaGraphDef extends Message {
  setMetaInfoDef(information: Message): void;
  setGraphDef(graph: Message): void;
}

interface SavedModel extends Message {
  setSavedModelSchemaVersion(version: number): void;
  setMetaGraphsList(graphs: Message[]): void;
}

type Constructor<T> = new () => T;

export interface ProtocolClasses {
  readonly NodeDef: Constructor<NodeDef>;
  readonly AttrValue: Constructor<AttrValue> & { readonly ListValue: Constructor<ListValue> };
  readonly TensorShape: Constructor<TensorShape> & { readonly Dim: Constructor<Dim> };
  readonly Tensor: Constructor<TensorProto>;
  readonly GraphDef: Constructor<GraphDef>;
  readonly VersionDef: Constructor<VersionDef>;
  readonly MetaGraphDef: Constructor<MetaGraphDef> & {
    readonly MetaInfoDef: Constructor<MetaInfoDef>;
  };
  readonly SavedModel: Constructor<SavedModel>;
}
