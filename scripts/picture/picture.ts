/** The picture of the README: a path in weight space, the test error along it, and an attack with the curvature. */
import { controlPoint, onCurve, type Place } from './plane.js';
import type { Points, Read } from './rows.js';
import { colours, dot, panel, polyline, text } from './svg.js';

const [width, height] = [860, 470];
const [left, right] = [56, 804];

function largest(points: Points): { readonly t: number; readonly value: number } {
  return points.reduce((most, point) => (point.value > most.value ? point : most));
}

/** Equal scales on both axes; the area of a dot is proportional to the test error. */
function weightSpace(read: Read): string {
  const lengths = read('evaluation/A-B', 'arc_length').map(({ t, value }) => ({
    t,
    length: value,
  }));
  const distance = read('evaluation/A-B/line', 'arc_length').at(-1)!.value;
  const theta = controlPoint(distance, lengths);
  const scale = (right - left) / distance;
  const place = ({ x, y }: Place): Place => ({ x: left + x * scale, y: 150 - y * scale });
  const curve = (t: number): Place => place(onCurve(theta, distance, t));
  const straight = (t: number): Place => place({ x: t * distance, y: 0 });
  const dots = (run: string, at: (t: number) => Place, colour: string): string[] =>
    read(run, 'test_error').map(({ t, value }) => {
      const { x, y } = at(t);
      return dot(x, y, 2.2 * Math.sqrt(value), colour);
    });
  const label = (run: string, at: (t: number) => Place, up: number, colour: string): string => {
    const { t, value } = largest(read(run, 'test_error'));
    const { x, y } = at(t);
    return text(x, y + up, `${value} %`, `text-anchor="middle" fill="${colour}"`);
  };
  const fine = Array.from({ length: 61 }, (_, i) => curve(i / 60));
  const title = `Weight space: A and B are ${distance.toFixed(1)} apart; areas of dots show the test error`;
  return [
    text(left - 20, 30, title, `font-weight="600" fill="${colours.ink}"`),
    polyline([straight(0), straight(1)], colours.line, true),
    polyline(fine, colours.fitted),
    ...dots('evaluation/A-B/line', straight, colours.line),
    ...dots('evaluation/A-B', curve, colours.fitted),
    label('evaluation/A-B/line', straight, 32, colours.line),
    label('evaluation/A-B', curve, -14, colours.fitted),
    text(left - 20, 155, 'A', `font-weight="600" fill="${colours.ink}"`),
    text(right + 12, 155, 'B', `font-weight="600" fill="${colours.ink}"`),
  ].join('\n');
}

function errorPanel(read: Read): string {
  return panel(
    { left, top: 280, width: 330, height: 150 },
    'Test error, %',
    ['A (t = 0)', 'B (t = 1)'],
    24,
    [
      {
        ...{ label: 'fitted curve', colour: colours.fitted },
        points: read('evaluation/A-B', 'test_error'),
      },
      {
        ...{ label: 'straight line', colour: colours.line, dashed: true },
        points: read('evaluation/A-B/line', 'test_error'),
      },
    ],
  );
}

function attackPanel(read: Read): string {
  return panel(
    { left: 474, top: 280, width: 330, height: 150 },
    'From A to the adversarially trained C',
    ['A (t = 0)', 'C (t = 1)'],
    1,
    [
      {
        ...{ label: 'loss under PGD-10, nats', colour: colours.robust },
        points: read('attack/A-C/pgd-10', 'robust_nll'),
      },
      {
        ...{ label: 'input-Hessian eigenvalue', colour: colours.eigenvalue },
        points: read('spectrum/A-C', 'eigenvalue_mean'),
      },
    ],
  );
}

export function drawPicture(read: Read): string {
  const font = `font-family="system-ui, 'Segoe UI', Helvetica, Arial, sans-serif" font-size="13"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" ${font}>
<title>A curve of low test error between two networks, beside the straight line, and an attack along another</title>
<rect width="${width}" height="${height}" rx="6" fill="#fff"/>
${weightSpace(read)}
${errorPanel(read)}
${attackPanel(read)}
</svg>
`;
}
