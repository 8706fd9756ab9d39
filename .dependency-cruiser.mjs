/** Order inside the rooms, and no cycle anywhere, type imports counted; between rooms see eslint.config.js. */

/** Folders that each inner folder may import within its room; files directly in the room are open to all. */
const order = {
  experiment: {
    reading: [],
    catalogue: [],
    sweep: ['reading'],
    attacks: ['catalogue', 'config'],
    config: ['attacks', 'catalogue', 'sweep'],
    specs: ['attacks', 'catalogue', 'config'],
    kinds: ['attacks', 'catalogue', 'config', 'reading', 'specs', 'sweep'],
    records: ['catalogue', 'kinds', 'specs'],
    plan: ['attacks', 'catalogue', 'config', 'kinds', 'reading', 'records', 'specs', 'sweep'],
    file: ['attacks', 'catalogue', 'config', 'plan', 'reading', 'sweep'],
  },
  numerics: {
    graph: [],
    implicit: ['graph'],
    models: ['graph', 'implicit'],
    data: ['graph'],
    curves: ['implicit', 'models'],
    losses: ['graph', 'models'],
    evaluation: ['data', 'graph', 'losses', 'models'],
    optimise: ['data', 'graph', 'models'],
    attacks: ['data', 'evaluation', 'graph', 'losses', 'models'],
    training: [
      ...['attacks', 'certificates', 'curves', 'data', 'evaluation', 'graph', 'implicit'],
      ...['losses', 'models', 'optimise', 'quantisation', 'sparsity'],
    ],
    quantisation: ['data', 'graph', 'models', 'optimise'],
    tampering: ['data', 'evaluation', 'graph', 'models', 'optimise'],
    defences: ['models'],
    sparsity: ['models'],
    curvature: ['data', 'evaluation', 'graph', 'losses', 'models'],
    certificates: ['data', 'evaluation', 'graph', 'implicit', 'losses', 'models'],
    analysis: [],
    'inner-maximisation': [],
    detection: ['analysis', 'attacks', 'data', 'evaluation', 'graph', 'losses', 'models'],
  },
  'numerics/attacks': {
    norms: [],
    procedure: ['norms'],
    pgd: ['norms', 'procedure'],
    apgd: ['norms', 'pgd', 'procedure'],
    fab: ['norms', 'procedure'],
    square: ['norms', 'procedure'],
    methods: ['apgd', 'fab', 'norms', 'pgd', 'procedure', 'square'],
    runner: ['norms', 'procedure'],
    convergence: ['norms', 'pgd', 'procedure', 'runner'],
  },
  engine: {
    toolkit: [],
    gpu: [],
    kinds: ['gpu', 'toolkit'],
    process: ['gpu', 'kinds', 'toolkit'],
    check: ['gpu', 'process'],
  },
  stores: {
    database: [],
    formats: [],
    results: ['database'],
    blobs: ['results'],
    datasets: ['blobs', 'formats'],
  },
  report: {
    view: [],
    tables: ['view'],
    figures: ['tables', 'view'],
    kinds: ['figures', 'tables', 'view'],
    page: ['figures', 'kinds', 'tables', 'view'],
  },
  cli: {
    terminal: [],
    pictures: [],
    connections: ['terminal'],
    experiments: ['connections', 'terminal'],
    status: ['connections', 'experiments', 'terminal'],
    watch: ['connections', 'status', 'terminal'],
    results: ['status', 'terminal', 'watch'],
    resume: ['status', 'terminal'],
    networks: [],
    commands: [
      'connections',
      'experiments',
      'networks',
      'pictures',
      'results',
      'resume',
      'status',
      'terminal',
      'watch',
    ],
  },
  scripts: {
    picture: [],
    reference: [],
  },
};

function closed(room, own, open) {
  const others = Object.keys(order[room]).filter((name) => name !== own && !open.includes(name));
  return {
    name: `${room}/${own}`,
    severity: 'error',
    comment: `${room}/${own} stands below what it imports here; it may use ${open.join(', ') || 'no other folder of its room'}.`,
    from: { path: `^${room}/${own}/` },
    to: { path: `^${room}/(${others.join('|')})/` },
  };
}

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-cycle',
      severity: 'error',
      comment: 'Files that need each other are one file, or share a third; type imports count.',
      from: {},
      to: { circular: true },
    },
    ...Object.entries(order).flatMap(([room, rooms]) =>
      Object.entries(rooms).map(([own, open]) => closed(room, own, open)),
    ),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(node_modules|\\.isthmus|test)/' },
    enhancedResolveOptions: { extensions: ['.ts', '.mjs', '.js'] },
  },
};
