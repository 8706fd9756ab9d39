/** A role of the local database that may read every table and view, and nothing else. */
import { localDatabase, localDatabaseUser, localReaderUser } from '../../settings/settings.js';
import { readerPassword } from '../../settings/local/secrets.js';
import { withClient } from '../../stores/database/migration-status.js';
import type { Stack } from './part.js';

/** Also what later versions create is readable. The password is hexadecimal, the names are our own: nothing to escape. */
export async function ensureReader({ secrets }: Stack, databaseUrl: string): Promise<void> {
  const [role, owner] = [localReaderUser, localDatabaseUser];
  await withClient(databaseUrl, async (client) => {
    const found = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role]);
    if (found.rowCount === 0) await client.query(`CREATE ROLE ${role} LOGIN`);
    await client.query(`
      ALTER ROLE ${role} NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD '${readerPassword(secrets)}';
      ALTER ROLE ${role} SET default_transaction_read_only = on;
      REVOKE TEMPORARY ON DATABASE ${localDatabase} FROM PUBLIC;
      GRANT USAGE ON SCHEMA public TO ${role};
      GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${role};
      ALTER DEFAULT PRIVILEGES FOR ROLE ${owner} IN SCHEMA public GRANT SELECT ON TABLES TO ${role};`);
  });
}
