/**
 * Lets an engine for the GPU run where none is: the CPU's package stands in for the GPU's, and says that it uses a GPU
 * where PRETEND_GPU names one.
 */
const Module = require('node:module');

const resolve = Module._resolveFilename;
Module._resolveFilename = function (request, ...rest) {
  return resolve.call(
    this,
    request.replace('@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'),
    ...rest,
  );
};

const load = Module._load;
Module._load = function (request, ...rest) {
  const loaded = load.call(this, request, ...rest);
  if (!process.env.PRETEND_GPU || !request.endsWith('tfjs_binding.node')) return loaded;
  return Object.create(loaded, { isUsingGpuDevice: { value: () => true } });
};
