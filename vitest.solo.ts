import { defineConfig } from 'vitest/config';
export default defineConfig({ test: { include: ['test/experiment/**/*.test.ts','test/report/**/*.test.ts'], pool: 'forks', maxWorkers: 1 } });
