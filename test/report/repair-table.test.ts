import { expect, test } from 'vitest';
import { repairTables } from '../../report/tables/repair-table.js';
import type { CurveView, EndpointView, PathView, SeriesMap } from '../../report/view/records.js';

const at = (...values: readonly (readonly [number, number])[]) =>
  values.map(([x, value]) => ({ x, value }));

function curve(name: string, bonafide: number | null, success: number, chosen: number): CurveView {
  const evaluation: SeriesMap = {
    test_error: at([0, 1], [0.5, 4], [1, 2]),
    attack_success: at([0, success], [0.5, chosen], [1, success]),
  };
  const statistics = {
    ...{ 'chosen.t': 0.5, 'chosen.test_error': 4, 'chosen.attack_success': chosen },
    ...{ 'oracle.t': 0.5, 'oracle.test_error': 4, 'oracle.attack_success': chosen },
  };
  const fitted: PathView = {
    ...{
      kind: 'curve',
      evaluation,
      statistics,
      attacks: [],
      strongest: {},
      certificates: [],
      spectrum: null,
      length: null,
    },
    ...{ weightSpectrum: null, convergence: null, transfer: null, ensemble: null, detections: [] },
  };
  return {
    name,
    swept: name,
    from: 'A',
    to: 'B',
    ends: ['A', 'B'],
    family: 'bezier',
    bends: 1,
    bonafide,
    fitted,
    line: null,
  };
}

function endpoint(name: string, bonafide: number | null, alone: SeriesMap): EndpointView {
  return {
    ...{ name, bonafide, alone, made: '', seed: 1, epochs: null, steps: 5 },
    ...{ adversarial: null, testErrorPercent: null, testNll: null, series: {} },
  };
}

const tuned = { test_error: at([0, 3]), attack_success: at([0, 60]) };

test('each network has a row, each number of images a column, with mean and spread over seeds', () => {
  const curves = [
    ...[curve('A-B@bonafide=50,seed=1', 50, 100, 10), curve('A-B@bonafide=50,seed=2', 50, 98, 14)],
    curve('A-B@bonafide=250,seed=1', 250, 100, 1),
  ];
  const endpoints = [
    endpoint('fine-tune@bonafide=250', 250, tuned),
    endpoint('noise', null, tuned),
    endpoint('A', null, {}),
  ];
  const [table, ...others] = repairTables({ curves, endpoints });
  expect(others).toEqual([]);
  expect(table!.head).toEqual(['network', '50', '250']);
  const rows = new Map(table!.rows.map(([name, ...cells]) => [name, cells]));
  expect(rows.get('path A-B, t = 0 (tampered)')).toEqual([
    '99.0 ± 0.0 / 99.0 ± 1.4',
    '99.0 / 100.0',
  ]);
  expect(rows.get('path A-B, t by held-out bonafide images')).toEqual([
    '96.0 ± 0.0 / 12.0 ± 2.8 at 0.50',
    '96.0 / 1.0 at 0.50',
  ]);
  expect(rows.get('fine-tune')).toEqual(['–', '97.0 / 60.0']);
  expect(rows.get('noise')).toEqual(['97.0 / 60.0', '97.0 / 60.0']);
  expect(rows.has('A')).toBe(false);
});

test('without bonafide images, or tampering, there is no such table', () => {
  expect(repairTables({ curves: [curve('A-B', null, 100, 1)], endpoints: [] })).toEqual([]);
  const { fitted, ...rest } = curve('A-B', 50, 100, 1);
  const clean = { ...fitted, evaluation: { test_error: at([0, 1]) }, statistics: {} };
  expect(repairTables({ curves: [{ ...rest, fitted: clean }], endpoints: [] })).toEqual([]);
});
