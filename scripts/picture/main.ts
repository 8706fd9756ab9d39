/**
 * Draws docs/images/mnist-quick.svg, the picture of the README, from the results of that preset:
 *
 *     ./isthmus results mnist-quick --csv > results.csv
 *     node .isthmus/build/scripts/picture/main.js results.csv
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../../settings/paths.js';
import { drawPicture } from './picture.js';
import { readRows } from './rows.js';

const [csv] = process.argv.slice(2);
if (csv === undefined) throw new Error('usage: main.js RESULTS.csv');
const target = join(repositoryRoot, 'docs', 'images', 'mnist-quick.svg');
writeFileSync(target, drawPicture(readRows(readFileSync(csv, 'utf8'))));
console.log(target);
