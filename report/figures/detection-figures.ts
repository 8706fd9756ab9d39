/** Figures of detections: AUROC against the radius of an attack, and along t. */
import { html } from '../html.js';
import type { CurveView, DetectionView, Point } from '../view/records.js';
import type { Line, LineFigure, Panel } from './figure.js';

/** One for each detection of a curve. */
export function detectionFigures(curve: CurveView): readonly LineFigure[] {
  return curve.fitted.detections.map((detection) => ({
    ...{ kind: 'lines', curve: curve.name, source: 'detection', topic: detection.name },
    panels: [radiusPanel(curve, detection), pathPanel(curve, detection)],
    caption: html`Detection by ${detection.name} (${detection.what}) of the first
    ${detection.images} test images under attack, along ${curve.name}: area under the ROC curve
    against held-out clean images; 0.5 is chance. Noise has the norm of the attack's perturbation.`,
    doubts: [],
  }));
}

/** At both ends of the path, and noise at its start. */
function radiusPanel({ from, to }: CurveView, { radii, series }: DetectionView): Panel {
  const line = (label: string, role: Line['role'], name: string, at: 0 | 1): Line => ({
    ...{ label, role },
    points: radii.flatMap(({ source, epsilon }) =>
      (series[`${name}:${source}`] ?? [])
        .filter(({ x }) => x === at)
        .map((point): Point => ({ ...point, x: epsilon })),
    ),
  });
  return {
    ...{ title: 'Detection by radius', yLabel: 'AUROC', from, to },
    over: { label: 'epsilon', most: Math.max(...radii.map(({ epsilon }) => epsilon), 0) },
    lines: present([
      line(`attack on ${from}`, 'robust', 'auroc', 0),
      line(`attack on ${to}`, 'eigenvalue', 'auroc', 1),
      line(`noise, network ${from}`, 'line', 'auroc_noise', 0),
    ]),
  };
}

/** The middle radius along t, or the first source where no attack has several. */
function pathPanel({ from, to }: CurveView, { radii, series }: DetectionView): Panel {
  const sources = Object.keys(series).flatMap((name) => {
    const [measured, source] = name.split(/:(.*)/s);
    return measured === 'auroc' ? [source!] : [];
  });
  const middle = radii[Math.floor(radii.length / 2)]?.source ?? sources[0];
  const of = (label: string, role: Line['role'], name: string): Line => ({
    ...{ label, role, points: series[`${name}:${middle}`] ?? [] },
  });
  return {
    ...{ title: 'Detection', yLabel: 'AUROC', from, to },
    lines: present([
      of(`${middle}`, 'fitted', 'auroc'),
      of(`${middle}, manifold of ${from}`, 'eigenvalue', 'auroc_start'),
      of(`${middle}, manifold of ${to}`, 'robust', 'auroc_end'),
      of(`noise like ${middle}`, 'line', 'auroc_noise'),
    ]),
  };
}

function present(lines: readonly Line[]): readonly Line[] {
  return lines.filter(({ points }) => points.length > 0);
}
