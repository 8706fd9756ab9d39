/** Certified accuracy along a curve, a panel for each radius, beside the accuracy that attacks of the same radius leave. */
import { magnitude } from '../../experiment/fraction-text.js';
import { html } from '../html.js';
import type { CertificateView, CurveView, Point } from '../view/records.js';
import type { Line, LineFigure, LineRole, Panel } from './figure.js';

const roles: Readonly<Record<string, LineRole>> = {
  relative: 'fitted',
  box: 'line',
  lipschitz: 'eigenvalue',
};

/** One for each certificate. */
export function certificateFigures(curve: CurveView): readonly LineFigure[] {
  return curve.fitted.certificates.map((certificate) => ({
    ...{ kind: 'lines', curve: curve.name, source: 'certificate', topic: certificate.name },
    panels: [
      ...certificate.epsilons.map((epsilon) => radiusPanel(curve, certificate, epsilon)),
      solverPanel(curve, certificate),
    ],
    caption: html`Fraction of the first ${certificate.images} test images that no perturbation
    within ε can have misclassified, and, where there is one, that an attack of that ε leaves
    correct, along ${curve.name}.`,
    doubts: [],
  }));
}

function radiusPanel(
  { from, to, fitted }: CurveView,
  { methods, series }: CertificateView,
  epsilon: number,
): Panel {
  const certified = methods.map((method): Line => {
    const points = series[`certified_accuracy:${method}:${epsilon}`] ?? [];
    return { label: `certified, ${method}`, role: roles[method] ?? 'fitted', points };
  });
  const same = fitted.attacks.find(
    (attack) => attack.norm === 'linf' && magnitude(attack.epsilon) === epsilon,
  );
  const attacked: readonly Line[] = same
    ? [{ label: same.name, role: 'robust', points: correct(same.series['robust_error'] ?? []) }]
    : [];
  return {
    ...{
      title: `Certified accuracy, ε ${epsilon}`,
      yLabel: `accuracy at ε ${epsilon} (%)`,
      from,
      to,
    },
    lines: [...certified, ...attacked].filter(({ points }) => points.length > 0),
  };
}

function correct(errors: readonly Point[]): readonly Point[] {
  return errors.map((point) => ({ ...point, value: 100 - point.value }));
}

function solverPanel({ from, to }: CurveView, { series }: CertificateView): Panel {
  const points = series['solver_iterations'] ?? [];
  const lines: readonly Line[] = [{ label: 'mean iterations', role: 'eigenvalue', points }];
  return {
    ...{ title: 'Solver', yLabel: 'iterations', from, to },
    lines: points.length > 0 ? lines : [],
  };
}
