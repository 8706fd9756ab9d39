/** The page's style sheet: one font, light and dark, narrow screens and paper. */
import { customProperties, dark, light, printed } from '../figures/palette.js';

export const styleSheet = `
:root {
  color-scheme: light dark;
  ${customProperties(light)}
}
@media (prefers-color-scheme: dark) {
  :root {
    ${customProperties(dark)}
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 3rem 1.25rem 5rem; max-width: 50rem; background: var(--paper); color: var(--ink);
  font: 16px/1.55 'Source Serif 4', 'Source Serif Pro', Charter, Georgia, 'Noto Serif', 'DejaVu Serif', serif;
  -webkit-text-size-adjust: 100%;
}
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .35rem; font-weight: 600; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 3rem 0 .6rem; font-weight: 600; }
p { margin: 0 0 .9rem; }
.quiet, figcaption, caption { color: var(--quiet); font-size: .875rem; line-height: 1.45; }
.warning { border-left: 3px solid var(--bad); padding: .1rem 0 .1rem .9rem; margin: 1.5rem 0; }
figure { margin: 1.75rem 0 2.25rem; break-inside: avoid; }
figcaption { margin-top: .5rem; }
figcaption b, caption b { color: var(--ink); font-weight: 600; }
.panels { display: grid; grid-template-columns: 1fr 1fr; gap: .5rem 1.25rem; }
.panels svg { display: block; width: 100%; height: auto; }
.panels svg text { font-family: inherit; font-variant-numeric: lining-nums; }
.keys { display: flex; flex-wrap: wrap; gap: .15rem 1.5rem; margin: 0 0 .5rem; padding: 0; list-style: none; font-size: .875rem; }
.keys svg { width: 28px; height: 8px; margin-right: .5rem; vertical-align: middle; }
.scroll { overflow-x: auto; margin: 1.25rem 0 1.75rem; }
table { border-collapse: collapse; min-width: 17rem; max-width: 100%; font-size: .875rem; line-height: 1.4; font-variant-numeric: tabular-nums lining-nums; }
caption { text-align: left; padding-bottom: .45rem; }
thead th { border-top: 1.5px solid var(--ink); border-bottom: 1px solid var(--ink); font-weight: 600; vertical-align: bottom; }
tbody tr:last-child > * { border-bottom: 1.5px solid var(--ink); }
th, td { padding: .2rem 1.4rem .2rem 0; text-align: left; font-weight: 400; vertical-align: top; }
th:last-child, td:last-child { padding-right: 0; }
.n { text-align: right; }
td.n, tbody th { white-space: nowrap; }
thead th { max-width: 7rem; }
.key, pre { font-family: inherit; font-variant-numeric: tabular-nums lining-nums; }
.heat td { background: color-mix(in srgb, var(--robust) var(--shade), transparent); padding: .35rem .9rem; }
.heat th { padding: .35rem .9rem .35rem 0; }
td.bad, .doubt { color: var(--bad); }
.doubt { font-weight: 400; }
/* Beside the digits, which stay below each other. */
td.n { position: relative; }
td.n sup { position: absolute; left: 100%; line-height: 1; }
td.n:not(:last-child) sup { margin-left: -1.3rem; }
.note { margin: .35rem 0; font-size: .875rem; line-height: 1.45; }
summary { cursor: pointer; color: var(--quiet); font-size: .875rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1.25rem; font-size: .875rem; margin: 0 0 1.25rem; }
dt { color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; }
pre { margin: .75rem 0 0; padding: .9rem 1rem; border: 1px solid var(--rule); font-size: .8125rem; line-height: 1.5; white-space: pre-wrap; overflow-wrap: anywhere; }
@media (max-width: 38rem) {
  body { padding: 1.75rem 1rem 3rem; }
  .panels { grid-template-columns: 1fr; }
  th, td { padding-right: .9rem; }
  dl { grid-template-columns: 1fr; gap: 0; }
  dd { margin-bottom: .5rem; }
}
@media print {
  :root {
    ${customProperties(printed)}
  }
  body { padding: 0; max-width: none; font-size: 10.5pt; }
  h2, caption { break-after: avoid; }
  tr { break-inside: avoid; }
  .scroll { overflow: visible; }
}
`;
