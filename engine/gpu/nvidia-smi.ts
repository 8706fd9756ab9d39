/** Which card computes, from what nvidia-smi prints. */
import type { GpuCard } from '../../experiment/records/records.js';
import { parseGpuList, type ListedGpu } from '../../settings/gpus.js';

/** Arguments of nvidia-smi whose output `parseCards` reads. */
export const cardQuery = [
  '--query-gpu=index,uuid,name,driver_version,memory.total',
  '--format=csv,noheader,nounits',
] as const;

interface QueriedCard {
  readonly index: number;
  readonly uuid: string;
  readonly name: string;
  readonly driver: string;
  readonly memoryMb: number | null;
}

const cardLine = /^(\d+), ([^,]+), ([^,]+), ([^,]+), (\d+|\[[^\]]+\])$/;

/** Lines that are no answer to `cardQuery` are left out: of a card that has failed there is an error message. */
export function parseCards(csv: string): readonly QueriedCard[] {
  return csv.split('\n').flatMap((line) => {
    const [, index, uuid, name, driver, memory] = cardLine.exec(line.trim()) ?? [];
    if (memory === undefined) return [];
    const memoryMb = memory.startsWith('[') ? null : Number(memory);
    return [{ index: Number(index), uuid: uuid!, name: name!, driver: driver!, memoryMb }];
  });
}

/** Whether a name that may be a shortened uuid stands for this one. */
function standsFor(name: string, uuid: string): boolean {
  return name !== '' && uuid.toLowerCase().startsWith(name.toLowerCase());
}

/**
 * The card that `visible`, one name as CUDA_VISIBLE_DEVICES takes it, stands for. `list` is the output of
 * `nvidia-smi -L`, `csv` that of `cardQuery`. Of a partitioned card that is named as a whole CUDA takes the first part.
 */
export function findCard(visible: string, list: string, csv: string): GpuCard | null {
  const listed = parseGpuList(list);
  const named = listed.find((gpu) => isNamed(gpu, visible));
  const card = parseCards(csv).find(({ uuid }) => uuid === named?.uuid);
  if (named === undefined || card === undefined) return null;
  const { name, uuid, driver, memoryMb } = card;
  const part = named.instances.find((instance) => standsFor(visible, instance.uuid));
  return { name, uuid, driver, memoryMb, mig: part ?? named.instances[0] ?? null };
}

function isNamed({ index, uuid, instances }: ListedGpu, visible: string): boolean {
  if (/^\d+$/.test(visible)) return index === Number(visible);
  return standsFor(visible, uuid) || instances.some((part) => standsFor(visible, part.uuid));
}
