// Runs the scenarios and the tests inside the extension host, one after the other; says how each ended.

import { Editor, EXTENSION } from "./editor.mjs";
import { fixture } from "./editor.mjs";
import { scenarios } from "./scenarios.mjs";

const only = process.argv[2] ?? "";
let failed = 0;

async function run(name, body) {
  if (!name.includes(only)) {
    return;
  }
  const begin = Date.now();
  try {
    await body();
    console.log(`ok   ${name} (${((Date.now() - begin) / 1000).toFixed(0)} s)`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL ${name}\n${error.stack}`);
  }
}

/** The tests of exthost/index.js, inside VS Code's own extension host. */
async function insideTheExtensionHost() {
  const files = { "broken.py": fixture("torch_mae_broken.py"), "right.py": fixture("torch_mae_right.py") };
  const editor = await Editor.open(files, { extensionTests: "exthost" });
  try {
    const host = new URL(editor.address).host;
    const remote = (folder) => `vscode-remote://${host}${folder}`;
    const payload = JSON.stringify([
      ["extensionDevelopmentPath", remote(EXTENSION)],
      ["extensionTestsPath", remote(`${EXTENSION}/test/exthost/index.js`)],
    ]);
    let finished;
    const done = new Promise((resolve) => (finished = resolve));
    await editor.page.exposeFunction("codeAutomationLog", (_, values) => {
      if (String(values?.[0] ?? "").startsWith("autofix test:")) {
        console.log(`  ${values.join(" ")}`);
      }
    });
    await editor.page.exposeFunction("codeAutomationExit", finished);
    await editor.page.goto(`${editor.address}/?folder=${editor.workspace}&payload=${encodeURIComponent(payload)}`);
    const late = new Promise((_, reject) => setTimeout(() => reject(new Error("no answer in 240 s")), 240_000));
    const code = await Promise.race([done, late]);
    if (code !== 0) {
      throw new Error(`the tests ended with ${code}`);
    }
  } finally {
    await editor.close();
  }
}

await run("inside the extension host", insideTheExtensionHost);
for (const [name, body] of Object.entries(scenarios)) {
  await run(name, body);
}
console.log(failed ? `${failed} failed` : "all passed");
process.exit(failed ? 1 : 0);
