/** Figures of a curve: loss and error along it, and its robustness beside the curvature. */
import { html, nothing, type Html } from '../html.js';
import { fixed } from '../numbers.js';
import type { LineFigure, Line, Panel } from './figure.js';
import { describeCurve } from '../tables/path-table.js';
import { successSeries } from '../view/success.js';
import type { AttackView, CurveView, PathView } from '../view/records.js';

export function evaluationFigures(curve: CurveView): readonly LineFigure[] {
  const common = { kind: 'lines', curve: curve.name, source: 'evaluation', doubts: [] } as const;
  return [
    { ...common, topic: 'loss', panels: lossPanels(curve), caption: lossCaption(curve) },
    {
      ...{ ...common, topic: `${tampering(curve)}-success` },
      ...{ panels: successPanels(curve), caption: successCaption(curve) },
    },
  ];
}

/** One for each attack, beside the curvature. */
export function attackFigures(curve: CurveView): readonly LineFigure[] {
  return curve.fitted.attacks.map((attack) => ({
    ...{ kind: 'lines', curve: curve.name, source: 'attack', topic: attack.name },
    ...{ panels: robustPanels(curve, attack), caption: robustCaption(curve, attack) },
    doubts: attack.checks,
  }));
}

/** Without attacks the curvature in the pixels has a figure of its own. */
export function spectrumFigures(curve: CurveView): readonly LineFigure[] {
  const common = { kind: 'lines', curve: curve.name, source: 'spectrum', doubts: [] } as const;
  const alone = html`Mean top eigenvalue along ${curve.name}.`;
  return [
    ...(curve.fitted.attacks.length === 0
      ? [{ ...common, topic: 'eigenvalue', panels: [eigenvaluePanel(curve)], caption: alone }]
      : []),
    {
      ...{ ...common, topic: 'weight-hessian' },
      ...{ panels: weightPanels(curve), caption: weightCaption(curve) },
    },
  ];
}

function lossPanels(curve: CurveView): readonly Panel[] {
  return [
    evaluationPanel(curve, 'Test loss', 'test loss (nats)', 'test_loss'),
    evaluationPanel(curve, 'Test error', 'test error (%)', 'test_error'),
  ];
}

/** One for every backdoor and every injection. */
function successPanels(curve: CurveView): readonly Panel[] {
  return successSeries(curve.fitted.evaluation).map((series) => {
    const words = series.replace(/_/g, ' ').replace(':', ' ');
    return evaluationPanel(curve, words, `${words} (%)`, series);
  });
}

function successCaption(curve: CurveView): Html {
  const of = {
    attack: 'triggered images that are classified as the attacker wants',
    injection: 'images with an injected fault that are classified as the attacker wants',
  };
  return html`Fraction of the ${of[tampering(curve)]}, along ${curve.name}.`;
}

function tampering(curve: CurveView): 'attack' | 'injection' {
  const series = successSeries(curve.fitted.evaluation);
  return series.some((name) => name.startsWith('attack')) ? 'attack' : 'injection';
}

function evaluationPanel(curve: CurveView, title: string, yLabel: string, series: string): Panel {
  return {
    ...{ title, yLabel, from: curve.from, to: curve.to },
    lines: present([
      { label: 'fitted curve', role: 'fitted', points: curve.fitted.evaluation[series] ?? [] },
      { label: 'straight line', role: 'line', points: curve.line?.evaluation[series] ?? [] },
    ]),
  };
}

function lossCaption(curve: CurveView): Html {
  return html`Test loss (cross-entropy plus half the weight decay times the squared norm of the
  weights) and test error along ${curve.name}: ${describeCurve(curve)}. ${worstErrors(curve)}`;
}

function worstErrors({ fitted, line }: CurveView): string {
  const worst = ({ evaluation }: PathView): number | null => {
    const errors = (evaluation['test_error'] ?? []).map(({ value }) => value);
    return errors.length === 0 ? null : Math.max(...errors);
  };
  const onCurve = worst(fitted);
  const onLine = line && worst(line);
  if (onCurve === null) return 'The fitted curve is not there: its evaluation has no result.';
  const compared = onLine === null ? '' : `, of the straight line ${fixed(onLine, 2)} %`;
  return `Worst test error of the fitted curve ${fixed(onCurve, 2)} %${compared}.`;
}

/** Predictions have a panel of their own: far from the quadratic they are many times the loss, which would look flat. */
function robustPanels(curve: CurveView, attack: AttackView): readonly Panel[] {
  const { from, to, fitted } = curve;
  const points = attack.series['robust_nll'] ?? [];
  const measured = present([{ label: `robust loss, ${attack.name}`, role: 'robust', points }]);
  const predicted = present(predictions(fitted));
  const panel = (title: string, lines: readonly Line[]): Panel => ({
    ...{ title, yLabel: `${title.toLowerCase()} (nats)`, from, to, lines },
  });
  return [
    panel('Robust loss', measured),
    ...(predicted.length === 0 ? [] : [panel('Predicted loss', predicted)]),
    eigenvaluePanel(curve),
  ];
}

/** Predicted losses in the ball, where the spectrum has predictions. */
function predictions({ spectrum }: PathView): readonly Line[] {
  if (spectrum === null || spectrum.epsilon === null) return [];
  const line = (order: string, role: Line['role'], series: string): Line => ({
    label: `${order}-order prediction, ε ${spectrum.epsilon}`,
    ...{ role, points: spectrum.series[series] ?? [] },
  });
  return [
    line('second', 'line', 'second_order_nll_mean'),
    line('first', 'fitted', 'first_order_nll_mean'),
  ];
}

function eigenvaluePanel({ from, to, fitted }: CurveView): Panel {
  const points = fitted.spectrum?.series['eigenvalue_mean'] ?? [];
  return {
    ...{ title: 'Mean top eigenvalue', yLabel: 'mean top eigenvalue (1/pixel²)', from, to },
    lines: present([{ label: 'mean top eigenvalue', role: 'eigenvalue', points }]),
  };
}

function weightPanels({ from, to, fitted }: CurveView): readonly Panel[] {
  const series = fitted.weightSpectrum?.series ?? {};
  const line = (label: string, role: Line['role'], name: string): Line => ({
    ...{ label, role, points: series[name] ?? [] },
  });
  return [
    {
      ...{ title: 'Weight Hessian', yLabel: 'eigenvalue (1/weight²)', from, to },
      lines: present([
        line('largest weight eigenvalue', 'eigenvalue', 'weight_eigenvalue_max'),
        line('smallest weight eigenvalue', 'line', 'weight_eigenvalue_min'),
      ]),
    },
    {
      ...{ title: 'Trace of the weight Hessian', yLabel: 'trace (1/weight²)', from, to },
      lines: present([line('trace, estimated', 'fitted', 'weight_trace')]),
    },
  ];
}

function weightCaption({ name, fitted }: CurveView): Html {
  if (fitted.weightSpectrum === null) return nothing;
  const { images, split } = fitted.weightSpectrum;
  return html`Hessian in the weights of the mean cross-entropy (without weight decay) over the first
  ${images} ${split} images, along ${name}.`;
}

function robustCaption({ name, fitted }: CurveView, attack: AttackView): Html {
  const { what, images, pearson, spearman, correlationPoints } = attack;
  const spectrum = fitted.spectrum
    ? ` and mean largest eigenvalue of the input Hessian (first ${fitted.spectrum.images} test images)`
    : '';
  const correlation =
    pearson === null
      ? nothing
      : html` Correlation of the two along t: Pearson ${fixed(pearson, 3)}, Spearman
        ${fixed(spearman, 3)} (n = ${fixed(correlationPoints, 0)}).`;
  return html`Cross-entropy under ${attack.name} (${what}, first ${images} test images)${spectrum}
  along ${name}.${correlation}`;
}

function present(lines: readonly Line[]): readonly Line[] {
  return lines.filter(({ points }) => points.length > 0);
}
