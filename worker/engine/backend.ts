/** What an engine needs to know of the numerical library it computes with. */
export interface Backend {
  readonly tensorflow: string;
  readonly tfjs: string;
  readonly device: string;
  countTensors(): number;
}
