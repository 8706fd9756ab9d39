/** What nvidia-smi prints: two whole cards, and a partitioned one beside a whole one. */
export const whole = `GPU 0: NVIDIA H200 (UUID: GPU-4b7e5e4e-9a51-0f0b-1f2a-8f3b9d1c2e3f)
GPU 1: NVIDIA H200 (UUID: GPU-b2c4d6e8-1357-2468-ace0-13579bdf2468)
`;
export const partitioned = `GPU 0: NVIDIA H200 (UUID: GPU-4b7e5e4e-9a51-0f0b-1f2a-8f3b9d1c2e3f)
  MIG 3g.71gb     Device  0: (UUID: MIG-0b4a1a6f-6d9c-5b0e-9a53-0a4f1b2c3d4e)
  MIG 1g.18gb     Device  1: (UUID: MIG-c6d4f1ef-42e4-5de3-91c7-45d71c87eb3f)
GPU 1: NVIDIA A100-SXM4-40GB (UUID: GPU-b2c4d6e8-1357-2468-ace0-13579bdf2468)
`;
