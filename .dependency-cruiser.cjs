/** Imports point downwards: each module may import from the modules below it (docs/architecture.md). */
const MODULES = [
  "app",
  "cli",
  "library",
  "node",
  "charts",
  "session",
  "export",
  "search",
  "quantize",
  "network",
  "passes",
  "formats",
  "operators",
  "engine",
  "data",
  "graph",
  "base",
];

/** What each module may import, besides itself. `base` (errors, randomness) is open to all. */
const MAY = {
  app: ["charts", "session", "export", "search", "quantize", "data"],
  cli: ["node", "charts", "session", "export", "search", "quantize", "passes", "formats", "data"],
  library: ["node", "session", "export", "search", "quantize", "network", "passes", "formats", "engine", "data", "graph"],
  node: ["session", "export", "formats", "data"],
  charts: ["session"],
  session: ["export", "search", "quantize", "network", "passes", "formats", "operators", "engine", "data", "graph"],
  export: ["charts", "quantize", "network", "passes", "formats", "operators", "data", "graph"],
  search: ["quantize", "network", "passes", "engine", "graph"],
  quantize: ["network", "passes", "operators", "engine", "graph"],
  network: ["operators", "engine", "graph"],
  passes: ["operators", "graph"],
  formats: ["graph", "operators"],
  operators: ["engine", "graph"],
  engine: [],
  data: [],
  graph: [],
  base: [],
};

const modules = MODULES.map((module) => {
  const allowed = [module, "base", ...MAY[module]].filter((name, i, all) => all.indexOf(name) === i);
  return {
    name: `${module}-imports-downwards`,
    severity: "error",
    comment: `src/${module} may import only ${allowed.join(", ")}`,
    from: { path: `^src/${module}/` },
    to: { path: "^src/", pathNot: `^src/(${allowed.join("|")})/` },
  };
});

module.exports = {
  forbidden: [
    ...modules,
    { name: "no-circles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "react-in-app-only",
      severity: "error",
      from: { path: "^src/(?!app/)" },
      to: { path: "node_modules/(react|react-dom|recharts|react-dropzone|zustand)/" },
    },
    {
      name: "web-knows-files-only",
      severity: "error",
      comment: "src/session/web fetches files; what they are used for is not its business, nor is the web that of a run",
      from: { path: "^src/session/web/" },
      to: { path: "^src/", pathNot: "^src/(base/|data/files|session/(web/|inputs/(hash|sources)))" },
    },
    {
      name: "web-is-for-those-who-ask",
      severity: "error",
      comment: "only page, command line and library fetch; a recipe knows what an address looks like",
      from: { path: "^src/(?!app/|cli/|library/|node/|session/web/)" },
      to: { path: "^src/session/web/(?!address)" },
    },
    { name: "no-orphans", severity: "error", from: { orphan: true, pathNot: "(worker|main|host/policy|library/(node|browser))\\.tsx?$" }, to: {} },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "src/engine/wasm/assembly" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { extensions: [".ts", ".tsx", ".mjs", ".js", ".json"] },
  },
};
