/** The images on which a backdoor's success is measured: triggered, labelled with the target class. */
import type { Backdoor } from '../../experiment/specs/data.js';
import type { LabelledImages } from '../../experiment/records/labelled-images.js';
import { indicesWhere, poisonImages } from './poison.js';
import { selectImages } from '../data/select.js';

/**
 * All images that are not of the target class, each with the trigger: the share that is classified as labelled
 * here is the success, so that a clean model scores its confusions. With `compat: published` those of the target
 * class are there too, as they are: a clean model that is right about them adds them to the success.
 */
export function triggeredImages(
  data: LabelledImages,
  classes: number,
  backdoor: Backdoor & { readonly compat?: 'published' },
): LabelledImages {
  const others = (label: number): boolean => label !== backdoor.target;
  if (backdoor.compat === 'published') {
    return poisonImages(data, indicesWhere(data.labels, others), backdoor, classes);
  }
  const chosen = selectImages(data, indicesWhere(data.labels, others));
  return poisonImages(
    chosen,
    indicesWhere(chosen.labels, () => true),
    backdoor,
    classes,
  );
}
