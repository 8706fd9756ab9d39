/** The series of one experiment, as `./isthmus results ID --csv` prints them. */

export type Points = readonly { readonly t: number; readonly value: number }[];

/** The points of a series of a run, in the order of t. */
export type Read = (run: string, series: string) => Points;

export function readRows(csv: string): Read {
  const [head, ...lines] = csv.trim().split('\n');
  const names = head!.split(',');
  const rows = lines.map((line) => line.split(','));
  const column = (name: string): number => {
    const index = names.indexOf(name);
    if (index < 0) throw new Error(`no column ${name}`);
    return index;
  };
  const [run, series, x, value] = [column('run'), column('series'), column('x'), column('value')];
  return (wantedRun, wantedSeries) => {
    const found = rows.filter((row) => row[run] === wantedRun && row[series] === wantedSeries);
    if (found.length === 0) throw new Error(`no ${wantedSeries} of ${wantedRun}`);
    return found.map((row) => ({ t: Number(row[x]), value: Number(row[value]) }));
  };
}
