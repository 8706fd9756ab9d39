/** How a series is declared: once, in the table of the kind of run that measures it. */

export interface SeriesEntry {
  readonly unit:
    | 'nats/pixel'
    | 'nats'
    | '%'
    | 'pixel units'
    | '1'
    | 'steps'
    | 'weight units'
    | '1/pixel^2'
    | '1/weight^2';
  /** The meaning of x. */
  readonly axis: 't' | 'step' | 'none';
  readonly better: 'lower' | 'higher' | 'neither';
  readonly description: string;
  /**
   * One series for each name or each t: `attack_success:square` is the success of the backdoor `square`,
   * `transfer_error@0.25` the error of adversarial examples crafted at t = 0.25 (default: a single series).
   */
  readonly family?: 'named' | 'crafted';
  /** A validity check: values beyond the limit put other results in doubt (default: none). */
  readonly check?: ValidityCheck;
}

export interface ValidityCheck {
  /** Its name in warnings. */
  readonly name: string;
  /** Largest value that passes. */
  readonly limit: number;
  /** Consequence of a value above the limit for the results in doubt. */
  readonly meaning: string;
  /** Where the check is explained. */
  readonly docs: string;
}

/** New series go to the end of their table: its order is that of the columns in the SQL views. */
export type SeriesTable = Readonly<Record<string, SeriesEntry>>;

/** Names of stored series: `attack_success:square` of the family `attack_success`. */
export type NamesIn<Table extends SeriesTable> = {
  [Name in keyof Table & string]: Table[Name] extends { readonly family: 'named' }
    ? Name | `${Name}:${string}`
    : Table[Name] extends { readonly family: 'crafted' }
      ? `${Name}@${number}`
      : Name;
}[keyof Table & string];
