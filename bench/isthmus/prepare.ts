/** Name of a work to the prepared work. */
import type { OwnWork } from '../request.js';
import {
  eigenvaluesClosedForm,
  eigenvaluesLanczos,
  inputProduct,
  inputProductKept,
  weightProduct,
  weightProductKept,
} from './curvature.js';
import { forward, pgd10, pgdStep } from './passes.js';
import type { Setting } from './setting.js';
import { certifiedStep, trainingStep } from './training-step.js';
import type { PreparedWork } from './work.js';

const works: Readonly<Record<OwnWork, (setting: Setting) => PreparedWork>> = {
  'training-step': trainingStep,
  'certified-step': certifiedStep,
  forward,
  'pgd-step': pgdStep,
  'pgd-10': pgd10,
  'weight-product': weightProduct,
  'weight-product-kept': weightProductKept,
  'input-product': inputProduct,
  'input-product-kept': inputProductKept,
  'eigenvalues-lanczos': eigenvaluesLanczos,
  'eigenvalues-closed-form': eigenvaluesClosedForm,
};

/** The prepared work also owns the setting. */
export function prepare(work: OwnWork, setting: Setting): PreparedWork {
  const prepared = works[work](setting);
  const dispose = async (): Promise<void> => {
    await prepared.dispose();
    setting.dispose();
  };
  return { measure: (block) => prepared.measure(block), dispose };
}
