// Bundles the softphone: node build.ts [FOLDER]. Names are stable; the portal hashes its static files itself.
import { build } from "esbuild";

const outdir = process.argv[2] ?? "dist";
await build({
  entryPoints: { softphone: "src/main.ts" },
  outdir,
  bundle: true,
  minify: true,
  target: "es2022",
  legalComments: "linked",
  define: { "process.env.NODE_DEBUG": "undefined" },
});
await build({ entryPoints: { softphone: "src/softphone.css" }, outdir, minify: true });
