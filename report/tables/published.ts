/**
 * Figures of the paper (ICLR 2020), to stand beside ours. The paper itself was not read: they are as a public reading
 * note on arXiv 2005.00060v2 gives them, and what that does not give is left out.
 */
import type { ResultsTable } from './table.js';

/** Clean accuracy / backdoor success, %. */
export const publishedBackdoor: ResultsTable = {
  title:
    'As published, single-target backdoor: clean accuracy / attack success in %, by bonafide images (CIFAR-10: VGG, SVHN: ResNet)',
  head: ['method', '50', '2500'],
  rows: [
    ['CIFAR-10: path, t = 0.1', '63 / 2.5', '88 / 1.1'],
    ['CIFAR-10: fine-tune', '46 / 2.8', '84 / 1.5'],
    ['CIFAR-10: prune', '81 / 82', '88 / 43'],
    ['SVHN: path, t = 0.2', '82 / 16', '96 / 2.5'],
    ['SVHN: fine-tune', '76 / 60', '96 / 14'],
  ],
};

/** Over all bonafide sizes. */
export const publishedInjection: ResultsTable = {
  title: 'As published, error injection: clean accuracy / injection success in %, over all sizes',
  head: ['method', 'CIFAR-10', 'SVHN'],
  rows: [
    ['path', '88 to 92 / 0', '90 to 96 / 0'],
    ['fine-tune', '82 to 94 / at most 25', '82 to 94 / at most 25'],
    ['prune', 'at most 25 injected', 'at most 25 injected'],
  ],
};

export const publishedCorrelation: ResultsTable = {
  title:
    'As published: Pearson correlation of robust loss and largest eigenvalue (CIFAR-10, VGG16)',
  head: ['pairing', 'Pearson'],
  rows: [
    ['regular, regular', '0.71'],
    ['regular, adversarial', '0.88'],
    ['adversarial, adversarial', '0.86'],
  ],
};
