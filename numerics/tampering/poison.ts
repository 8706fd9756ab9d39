/** Poisoned training data (BadNets, Gu et al. 2017): some images carry the trigger and another label. */
import type { Backdoor, Poison } from '../../experiment/specs/data.js';
import { triggerPlaces, type TriggerName } from '../../experiment/catalogue/triggers.js';
import { permutation, stream } from '../random.js';
import type { LabelledImages } from '../../experiment/records/labelled-images.js';

/** The target class of a triggered image of this class. */
function poisonedLabel(label: number, { target }: Backdoor, classes: number): number {
  return target === 'all' ? (label + 1) % classes : target;
}

/** Ascending: of every class but the target, round(fraction · images) drawn without replacement. */
export function poisonedIndices(labels: Uint8Array, classes: number, poison: Poison): Int32Array {
  const { target, fraction, seed } = poison;
  const chosen: number[] = [];
  for (let label = 0; label < classes; label++) {
    if (label === target) continue;
    const own = indicesWhere(labels, (other) => other === label);
    const order = permutation(stream(seed, 'poison', label), own.length);
    const drawn = order.subarray(0, Math.round(fraction * own.length));
    drawn.forEach((place) => chosen.push(own[place]!));
  }
  return Int32Array.from(chosen).sort();
}

/** The data set with these images replaced: its size stays. */
export function poisonImages(
  data: LabelledImages,
  indices: Int32Array,
  backdoor: Backdoor,
  classes: number,
): LabelledImages {
  // Copies: what a file was read into is a Buffer, whose own slice is a view.
  const [pixels, labels] = [Uint8Array.from(data.pixels), Uint8Array.from(data.labels)];
  const poisoned = { ...data, pixels, labels };
  for (const index of indices) {
    setTrigger(poisoned, index, backdoor.trigger);
    poisoned.labels[index] = poisonedLabel(data.labels[index]!, backdoor, classes);
  }
  return poisoned;
}

function setTrigger({ pixels, shape }: LabelledImages, index: number, name: TriggerName): void {
  const size = shape.reduce((product, side) => product * side, 1);
  for (const place of triggerPlaces(name, shape)) pixels[index * size + place] = 255;
}

/** The images of which `is` holds, by their labels. */
export function indicesWhere(labels: Uint8Array, is: (label: number) => boolean): Int32Array {
  return Int32Array.from([...labels.keys()].filter((i) => is(labels[i]!)));
}
