/** A user's network from the text of its module, which runs with the rights of this process. */
import type { ImageShape } from '../../experiment/catalogue/datasets.js';
import type { ParameterRecord } from '../../experiment/catalogue/models/weights.js';
import { parameterRecord, parametersSchema } from '../../experiment/config/network-module.js';
import { UserError } from '../../experiment/errors.js';
import { hasOwn } from '../../experiment/own.js';
import { describeIssue } from '../../experiment/reading/mistakes.js';
import type { ForwardFunction } from '../../numerics/models/function-network.js';
import { checkModuleText } from './module-text.js';

export type NetworkModule =
  | { readonly kind: 'layers'; readonly layers: unknown }
  | {
      readonly kind: 'function';
      readonly forward: ForwardFunction;
      readonly parameters: readonly ParameterRecord[];
    };

export interface NetworkInput {
  readonly shape: ImageShape;
  readonly classes: number;
}

/** `fresh` names one evaluation of the text: another number evaluates it again. Throws a UserError of one line. */
export async function loadModule(
  text: string,
  input: NetworkInput,
  fresh = 0,
): Promise<NetworkModule> {
  checkModuleText(text);
  const encoded = Buffer.from(text, 'utf8').toString('base64');
  const url = `data:text/javascript;base64,${encoded}#${fresh}`;
  const exported = await blamed('the module', async () => (await import(url)) as Exports);
  return readExports(exported, input);
}

type Exports = Readonly<Record<string, unknown>>;

async function readExports(exported: Exports, input: NetworkInput): Promise<NetworkModule> {
  const { layers, parameters, forward } = exported;
  if (layers !== undefined && forward === undefined && parameters === undefined) {
    return { kind: 'layers', layers };
  }
  if (layers !== undefined) throw refuse('exports layers and a function: export one of them');
  if (typeof forward !== 'function' || !hasOwn(exported, 'parameters')) {
    const found = Object.keys(exported).join(', ') || 'nothing';
    throw refuse(`exports ${found}: export layers, or parameters and a function forward`);
  }
  const listed: unknown =
    typeof parameters === 'function'
      ? await blamed('parameters', async () =>
          (parameters as (given: NetworkInput) => unknown)({ ...input }),
        )
      : parameters;
  return {
    kind: 'function',
    forward: forward as ForwardFunction,
    parameters: readParameters(listed),
  };
}

function readParameters(listed: unknown): readonly ParameterRecord[] {
  const result = parametersSchema.safeParse(listed, { reportInput: true });
  if (result.success) return result.data.map(parameterRecord);
  const issue = result.error.issues[0]!;
  const [mistake] = describeIssue(issue, parametersSchema, ['parameters', ...issue.path]);
  throw refuse(mistake!.what);
}

/** An error of the user's code in one line, without a stack. */
export async function blamed<T>(part: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    const said = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    throw refuse(`${part} throws ${said.trim().split('\n')[0]!}`, cause);
  }
}

function refuse(what: string, cause?: unknown): UserError {
  return new UserError('bad-input', what, { cause });
}
