/** `npm run bench -- convolutions`: why a convolution's gradients are computed in the form that they are. */
import { writeFileSync } from 'node:fs';
import { processor, warnOfLoad } from './machine.js';
import { markdownTable } from './markdown.js';
import { startIsthmus } from './peers/isthmus.js';
import { convolutionTimes, precisions, type Layer } from './request.js';
import { summariseRounds } from './spread.js';

export interface ConvolutionOptions {
  readonly rounds: number;
  readonly threads: number;
  readonly json?: string;
}

/** First layers of the networks, and the layers of vgg16 that hold most of its weights. */
const layers: readonly Layer[] = [
  { side: 28, channels: 1, out: 16 },
  { side: 32, channels: 3, out: 16 },
  { side: 32, channels: 3, out: 64 },
  { side: 8, channels: 256, out: 256 },
  { side: 4, channels: 512, out: 512 },
  { side: 2, channels: 512, out: 512 },
];

export async function convolutions(
  { rounds, threads, json }: ConvolutionOptions,
  say: (line: string) => void,
): Promise<void> {
  warnOfLoad(say);
  const peer = startIsthmus({ threads });
  const rows: string[][] = [];
  const samples: unknown[] = [];
  try {
    for (const precision of precisions) {
      for (const layer of layers) {
        const title = `${layer.side} x ${layer.side}, ${layer.channels} to ${layer.out}, ${precision}`;
        say(title);
        const asked = { command: 'convolutions', precision, layer, rounds };
        const times = convolutionTimes.parse(await peer.ask(asked));
        samples.push({ ...asked, times });
        for (const [form, ms] of Object.entries(times)) {
          const { median, min } = summariseRounds([ms]);
          rows.push([title, form, median.toFixed(2), min.toFixed(2)]);
        }
      }
    }
  } finally {
    await peer.close();
  }
  const head = ['128 images, kernels of 3 x 3', 'form', 'ms, median', 'min'];
  console.log(`${processor()}, ${threads} threads; n = ${rounds}\n\n${markdownTable(head, rows)}`);
  if (json) writeFileSync(json, `${JSON.stringify(samples, null, 1)}\n`);
}
