import { compareGraphs } from './graphs.js';

compareGraphs(() => true);
