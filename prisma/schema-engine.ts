/** The SQL that leads from a database's tables to schema.prisma, from Prisma's schema engine in WebAssembly. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { PrismaPg } from '@prisma/adapter-pg';
import {
  bindMigrationAwareSqlAdapterFactory,
  ColumnTypeEnum,
  type SqlQuery,
} from '@prisma/driver-adapter-utils';
import * as engine from '@prisma/schema-engine-wasm/schema_engine_bg';
import { prismaFolder } from '../stores/database/migration-files.js';

/** Empty when the database has the tables of the schema; views are not compared. */
export async function sqlToSchema(databaseUrl: string): Promise<string> {
  const path = join(prismaFolder, 'schema.prisma');
  const files = [{ path, content: await readFile(path, 'utf8') }];
  await (loaded ??= loadEngine());
  const adapter = bindMigrationAwareSqlAdapterFactory(new CatalogueAdapter(databaseUrl));
  const schemaEngine = await engine.SchemaEngine.new(
    { datamodels: files.map((file): [string, string] => [file.path, file.content]) },
    () => undefined,
    adapter,
  );
  const { stdout } = await schemaEngine.diff({
    from: { tag: 'schemaDatasource', files, configDir: prismaFolder },
    to: { tag: 'schemaDatamodel', files },
    script: true,
    exitCode: null,
    filters: { externalTables: [], externalEnums: [] },
  });
  const sql = stdout?.trim() ?? '';
  return sql === '-- This is an empty migration.' ? '' : sql;
}

/** Once a process: the package keeps views of the first instance's memory. */
let loaded: Promise<void> | undefined;

/** The package's own entry imports WebAssembly as a module, which this Node cannot. */
async function loadEngine(): Promise<void> {
  const entry = createRequire(import.meta.url).resolve(
    '@prisma/schema-engine-wasm/schema_engine_bg',
  );
  const bytes = await readFile(join(dirname(entry), 'schema_engine_bg.wasm'));
  const { WebAssembly } = globalThis as unknown as WithWebAssembly;
  Object.assign(globalThis, { PRISMA_WASM_PANIC_REGISTRY: { set_message: raise } });
  const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': engine });
  engine.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
}

/** The engine reports its own crashes here; without it they would have no text. */
function raise(message: string): never {
  throw new Error(`the schema engine crashed: ${message}`);
}

/** The little of it that is needed; its types come with those of browsers only. */
interface WithWebAssembly {
  readonly WebAssembly: {
    instantiate(
      bytes: Uint8Array,
      imports: object,
    ): Promise<{ readonly instance: { readonly exports: { __wbindgen_start(): void } } }>;
  };
}

interface Answer {
  readonly fields: { dataTypeID: number }[];
  readonly rows: unknown[][];
}

const charOid = 18;
const nameOid = 19;
const textOid = 25;

/** The adapter refuses the types "char" and name, which the catalogue tables are full of. Both are read as text. */
class CatalogueAdapter extends PrismaPg {
  override async connect() {
    const connection = await super.connect();
    const inner = connection as unknown as { performIO(query: SqlQuery): Promise<Answer> };
    const performIO = inner.performIO.bind(connection);
    const queryRaw = connection.queryRaw.bind(connection);
    const charColumns = new WeakMap<unknown[][], readonly boolean[]>();
    inner.performIO = async (query) => {
      const answer = await performIO(query);
      charColumns.set(
        answer.rows,
        answer.fields.map((field) => field.dataTypeID === charOid),
      );
      for (const field of answer.fields) {
        if ([charOid, nameOid].includes(field.dataTypeID)) field.dataTypeID = textOid;
      }
      return answer;
    };
    connection.queryRaw = async (query) => {
      const result = await queryRaw(query);
      const isChar = charColumns.get(result.rows);
      const columnTypes = result.columnTypes.map((type, i) =>
        isChar?.[i] ? ColumnTypeEnum.Character : type,
      );
      return { ...result, columnTypes };
    };
    return connection;
  }
}
