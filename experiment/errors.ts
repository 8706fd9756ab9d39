/** Errors meant for a person: one line that says what, where and what to do; the kind decides the exit code. */
export type UserErrorKind = 'usage' | 'bad-input' | 'dependency-down' | 'cancelled' | 'failed';

export interface UserErrorOptions extends ErrorOptions {
  /** Advice on what to do next, printed on a line of its own. */
  readonly hint?: string;
}

export class UserError extends Error {
  override readonly name = 'UserError';
  readonly kind: UserErrorKind;
  readonly hint: string | undefined;

  constructor(kind: UserErrorKind, message: string, options: UserErrorOptions = {}) {
    super(message, options);
    this.kind = kind;
    this.hint = options.hint;
  }
}
