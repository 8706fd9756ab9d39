/** The rules of the house: typed lint, small files, and who may import whom (docs/concepts/architecture.md). */
import importX from 'eslint-plugin-import-x';
import jsdoc from 'eslint-plugin-jsdoc';
import tseslint from 'typescript-eslint';

const rooms = [
  'experiment',
  'settings',
  'numerics',
  'engine',
  'stores',
  'activities',
  'workflows',
  'worker',
  'cli',
  'report',
  'infra',
  'prisma',
  'bench',
  'scripts',
  'test',
];

/** Everything outside the repository except what is named. */
function packagesExcept(allowed) {
  const names = allowed.map((name) => `(?!${name}(/|$))`).join('');
  return `^(?!\\.)${names}`;
}

/** Every room except those named. A path between rooms always goes up first. */
function roomsExcept(own, allowed) {
  const closed = rooms.filter((room) => room !== own && !allowed.includes(room));
  return `^(\\.\\./)+(${closed.join('|')})(/|$)`;
}

function forbid(regex, message, allowTypeImports = false) {
  return { regex, message, allowTypeImports };
}

const adapters = [
  forbid('^@aws-sdk/', 'Only stores/ speaks to S3: the rest asks its ports.'),
  forbid(
    '^@tensorflow/tfjs-node',
    'Only engine/process/ loads the native backend, in a process of its own.',
  ),
  forbid('^(\\.\\./)+test(/|$)', 'Nothing imports test/: what ships does not depend on its tests.'),
  forbid('^(\\.\\./)+bench(/|$)', 'Nothing imports bench/: what is measured knows nothing of it.'),
];

/** A later block replaces the rule of an earlier one, so every room states the common bans too. */
function room(name, own, lifted = []) {
  const common = adapters.filter(({ regex }) => !lifted.some((prefix) => regex.startsWith(prefix)));
  const patterns = [...common, ...own];
  return {
    files: [`${name}/**/*.ts`],
    rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns }] },
  };
}

const importRules = [
  {
    files: ['**/*.ts'],
    ignores: ['test/**'],
    rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns: adapters }] },
  },
  room('experiment', [
    forbid(
      packagesExcept(['zod', 'yaml', 'canonicalize', 'fastest-levenshtein', 'pure-rand']),
      'experiment/ is pure data and planning: it runs anywhere, even in the workflow sandbox.',
    ),
    forbid(roomsExcept('experiment', []), 'experiment/ is what all the others stand on.'),
  ]),
  room('numerics', [
    forbid(
      packagesExcept(['@tensorflow/tfjs', 'ml-matrix', 'simple-statistics', 'pure-rand']),
      'numerics/ is mathematics: no files, no network, no clock.',
    ),
    forbid(
      roomsExcept('numerics', ['experiment']),
      'numerics/ knows experiments and nothing else.',
    ),
  ]),
  room(
    'stores',
    [
      forbid('^@temporalio/', 'stores/ outlives processes: it knows no orchestrator.'),
      forbid('^@tensorflow/', 'stores/ keeps bytes: tensors stay in numerics/.'),
      forbid(
        roomsExcept('stores', ['experiment', 'settings']),
        'stores/ holds what outlives a process: it calls nobody.',
      ),
    ],
    ['^@aws-sdk/'],
  ),
  room('settings', [
    forbid('^@(tensorflow|prisma)/', 'settings/ reads variables and files: it opens nothing.'),
    forbid(roomsExcept('settings', ['experiment']), 'settings/ is read by all and calls nobody.'),
  ]),
  room(
    'engine',
    [
      forbid('^@temporalio/', 'engine/ computes one job: who hands it out is no concern of it.'),
      forbid(
        roomsExcept('engine', ['experiment', 'settings', 'numerics', 'stores']),
        'engine/ loads, calls numerics and saves: it does not know who starts it.',
      ),
    ],
    ['^@tensorflow/'],
  ),
  room('activities', [
    forbid(
      roomsExcept('activities', ['experiment', 'numerics', 'stores', 'engine']),
      'activities/ watches over one attempt at a run: it does not know who starts it.',
    ),
    forbid(
      '^(\\.\\./)+engine/(?!failures)',
      'activities/ asks an engine through its port (engines.ts); they share failures.ts alone.',
    ),
  ]),
  room('workflows', [
    forbid(
      packagesExcept(['@temporalio/workflow', '@temporalio/common']),
      'workflows/ is deterministic: everything it reaches by value runs in the sandbox.',
      true,
    ),
    forbid(
      roomsExcept('workflows', ['experiment']),
      'workflows/ orders the steps: of activities it knows only the types.',
      true,
    ),
  ]),
  room('worker', [
    forbid(
      roomsExcept('worker', ['experiment', 'settings', 'stores', 'activities', 'engine']),
      'worker/ runs activities and engines: without a command line, reports or a local stack.',
    ),
  ]),
  room('report', [
    forbid('^@(tensorflow|temporalio|aws-sdk)/', 'report/ shows rows: it computes no tensor.'),
    forbid(
      roomsExcept('report', ['experiment', 'stores', 'numerics']),
      'report/ shows what the results database holds.',
    ),
    forbid(
      '^(\\.\\./)+numerics/(?!analysis/)',
      'report/ takes statistics over runs from numerics/analysis/, and nothing that needs tensors.',
    ),
  ]),
  room('infra', [
    forbid('^@tensorflow/', 'infra/ starts servers: it computes nothing.'),
    forbid(
      roomsExcept('infra', ['experiment', 'settings', 'stores']),
      'infra/ sets up and starts: nothing points back up.',
    ),
  ]),
  room('prisma', [
    forbid(
      roomsExcept('prisma', ['experiment', 'settings', 'stores']),
      'prisma/ holds the schema, the migrations and the tools that write them.',
    ),
  ]),
  room('cli', [
    forbid('^@tensorflow/', 'No command computes: starting one stays fast.'),
    forbid(
      '^(\\.\\./)+(numerics(?!/curves/)|engine|activities|worker)(/|$)',
      'cli/ asks Temporal and the stores: it computes no more than a point of a curve.',
      true,
    ),
  ]),
  room('scripts', [
    forbid(
      roomsExcept('scripts', ['experiment', 'settings', 'stores', 'cli', 'infra']),
      'scripts/ is what npm runs: of the sources it reads declarations, to write the reference.',
    ),
  ]),
  room('bench', [
    forbid(
      roomsExcept('bench', ['experiment', 'settings', 'numerics', 'stores', 'engine']),
      'bench/ measures what runs execute: it has no stack of its own.',
    ),
    forbid(
      '^(\\.\\./)+engine/(?!(toolkit/|check/|gpu/|native-environment|process/(tensorflow|graph-files|options|messages)))',
      'bench/ takes of engine/ its data, TensorFlow, its environment, its checks, the names of graphs and its protocol.',
    ),
  ]),
];

const sizes = {
  'max-params': ['error', { max: 5 }],
  'max-lines': ['error', { max: 300, skipBlankLines: false, skipComments: false }],
  'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
};

/** Mathematics is read with its source beside it: what a number is, its shape and unit stand where it is made. */
const docstrings = {
  files: ['numerics/**/*.ts'],
  plugins: { jsdoc },
  rules: {
    'jsdoc/require-jsdoc': [
      'error',
      {
        publicOnly: true,
        enableFixer: false,
        require: { FunctionDeclaration: true, ClassDeclaration: true },
        contexts: [
          'TSInterfaceDeclaration',
          'TSTypeAliasDeclaration',
          'ExportNamedDeclaration > VariableDeclaration',
        ],
      },
    ],
  },
};

const edges = [
  ...['settings/**', 'engine/process/**', 'worker/**', 'cli/**', 'report/**'],
  ...['infra/**', 'scripts/**', 'bench/**', 'prisma/**', 'test/**'],
  // Their sandbox replaces clock and randomness by deterministic ones.
  'workflows/**',
];

const ownFields = [
  {
    selector: "BinaryExpression[operator='in'][left.type!='Literal']",
    message: 'Ask hasOwn (experiment/own.ts): every object has toString and its like.',
  },
];

const reproducible = [
  {
    selector: "CallExpression[callee.object.name='Math'][callee.property.name='random']",
    message: 'Draw from a named, seeded stream: a run must be repeatable.',
  },
  {
    selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']",
    message: 'The clock belongs to the edges: take the time as an argument.',
  },
  {
    selector: "NewExpression[callee.name='Date'][arguments.length=0]",
    message: 'The clock belongs to the edges: take the time as an argument.',
  },
];

export default tseslint.config(
  { ignores: ['node_modules/', '.isthmus/', 'test/histories/'] },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.recommendedTypeChecked],
    plugins: { 'import-x': importX },
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    settings: {
      'import-x/resolver-next': [
        importX.createNodeResolver({ extensionAlias: { '.js': ['.ts', '.js'] } }),
      ],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
    },
    rules: {
      'import-x/no-cycle': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      // An async function without await is the plain way to fulfil an interface of promises.
      '@typescript-eslint/require-await': 'off',
    },
  },
  // Matchers such as expect.any are typed so.
  { files: ['test/**'], rules: { '@typescript-eslint/no-unsafe-assignment': 'off' } },
  { files: ['**/*.{ts,mjs}'], ignores: ['test/**'], rules: sizes },
  {
    files: ['**/*.{ts,mjs}'],
    ignores: ['test/**'],
    rules: { 'no-restricted-syntax': ['error', ...ownFields] },
  },
  {
    files: ['**/*.ts'],
    ignores: edges,
    rules: { 'no-restricted-syntax': ['error', ...ownFields, ...reproducible] },
  },
  docstrings,
  ...importRules,
);
