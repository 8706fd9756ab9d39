import { compareGraphs, isShort } from './graphs.js';

compareGraphs(isShort);
