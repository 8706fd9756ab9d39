/** The pages of docs/reference/ that are made from the sources, by file name. */
import { createProgram } from '../../cli/program.js';
import { seriesTables } from '../../experiment/kinds/series.js';
import { experimentJsonSchema } from '../../experiment/file/json-schema.js';
import { migrationsFolder, readMigrations } from '../../stores/database/migration-files.js';
import { views } from '../../stores/database/views/views.js';
import { commandsPage } from './commands.js';
import { experimentFilePage } from './experiment-file.js';
import { seriesPage } from './series.js';
import { variablesPage } from './variables.js';
import { readViews, viewsPage } from './views.js';

const noAction = async (): Promise<void> => undefined;

export async function referencePages(): Promise<Readonly<Record<string, string>>> {
  const migrations = await readMigrations(migrationsFolder);
  return {
    'commands.md': commandsPage(createProgram(noAction)),
    'environment-variables.md': variablesPage(),
    'experiment-file.md': experimentFilePage(experimentJsonSchema()),
    'series.md': seriesPage(seriesTables),
    'views.md': viewsPage(readViews([...migrations, ...views].map(({ sql }) => sql))),
  };
}
