/** Imports point downwards: each room may import from the rooms below it (docs/architecture.md). */
const ROOMS = ["app", "cli", "session", "search", "quantize", "network", "passes", "formats", "operators", "engine", "data", "graph", "base"];

/** What each room may import, besides itself. `base` (errors, randomness) is open to all. */
const MAY = {
  app: ["session", "search", "quantize", "data"],
  cli: ["session", "search", "quantize", "passes", "formats"],
  session: ["search", "quantize", "network", "passes", "formats", "operators", "engine", "data", "graph"],
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

const rooms = ROOMS.map((room) => {
  const allowed = [room, "base", ...MAY[room]].filter((name, i, all) => all.indexOf(name) === i);
  return {
    name: `${room}-imports-downwards`,
    severity: "error",
    comment: `src/${room} may import only ${allowed.join(", ")}`,
    from: { path: `^src/${room}/` },
    to: { path: "^src/", pathNot: `^src/(${allowed.join("|")})/` },
  };
});

module.exports = {
  forbidden: [
    ...rooms,
    { name: "no-circles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "react-in-app-only",
      severity: "error",
      from: { path: "^src/(?!app/)" },
      to: { path: "node_modules/(react|react-dom|recharts|react-dropzone|zustand)/" },
    },
    { name: "no-orphans", severity: "error", from: { orphan: true, pathNot: "(worker|main)\\.tsx?$" }, to: {} },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "src/engine/wasm/assembly" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { extensions: [".ts", ".tsx", ".mjs", ".js", ".json"] },
  },
};
