// Bundles the softphone: node build.ts [FOLDER]. Names are stable; the portal hashes its static files itself.
import { readFile, writeFile } from "node:fs/promises";
import { build } from "esbuild";

const outdir = process.argv[2] ?? "dist";

const { metafile } = await build({
  entryPoints: { softphone: "src/main.ts" },
  outdir,
  bundle: true,
  minify: true,
  metafile: true,
  target: "es2022",
  banner: { js: "/* Kiestoon, EUPL-1.2; libraries in it: see softphone.licences.txt */" },
});
await build({ entryPoints: { softphone: "src/softphone.css" }, outdir, minify: true });

// MIT asks that its notice travels with every copy.
const bundled = Object.keys(metafile.inputs).map((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]);
const notices = [...new Set(bundled)].filter((name) => name !== undefined).sort().map(notice);
await writeFile(`${outdir}/softphone.licences.txt`, (await Promise.all(notices)).join("\n"));

async function notice(name: string): Promise<string> {
  const { version, license } = JSON.parse(await readFile(`node_modules/${name}/package.json`, "utf8"));
  for (const file of ["LICENSE", "LICENSE.md", "license.md", "LICENSE.txt"]) {
    const text = await readFile(`node_modules/${name}/${file}`, "utf8").catch(() => "");
    if (text) return `=== ${name} ${version} (${license})\n\n${text.trim()}\n`;
  }
  return `=== ${name} ${version} (${license}), without a licence file\n`;
}
