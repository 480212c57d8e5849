// Tests that run inside VS Code's extension host, with its own API.

const assert = require("node:assert/strict");
const fs = require("node:fs");
const vscode = require("vscode");

const FIX_ALL = "source.fixAll.autofix";

async function opened(name) {
  const [file] = await vscode.workspace.findFiles(name);
  const document = await vscode.workspace.openTextDocument(file);
  await vscode.window.showTextDocument(document);
  return document;
}

async function until(what, look) {
  const end = Date.now() + 60000;
  for (;;) {
    const found = await look();
    if (found) {
      return found;
    }
    assert.ok(Date.now() < end, `waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const diagnostics = (document) =>
  vscode.languages.getDiagnostics(document.uri).filter((each) => each.source === "autofix");

const actions = async (document, kind) => {
  const whole = new vscode.Range(0, 0, document.lineCount, 0);
  const found = await vscode.commands.executeCommand("vscode.executeCodeActionProvider", document.uri, whole, kind);
  return (found ?? []).filter((each) => each.kind?.value.includes("autofix") || each.title.includes("gradient"));
};

const proven = (document) =>
  until("a proof", async () => {
    const found = await actions(document, FIX_ALL);
    return found.length > 0 && found;
  });

const tests = {
  async "the extension is active and its commands are there"() {
    await opened("broken.py");
    const names = ["fixFile", "fixNotebook", "preview", "restart", "showLog"].map((name) => `autofix.${name}`);
    await until("the commands", async () => {
      const commands = await vscode.commands.getCommands(true);
      return names.every((name) => commands.includes(name));
    });
  },

  async "a broken loss has a diagnostic with its code"() {
    const document = await opened("broken.py");
    const [found] = await until("diagnostics", () => diagnostics(document).length > 0 && diagnostics(document));
    assert.equal(found.code, "AF102");
    assert.equal(found.severity, vscode.DiagnosticSeverity.Warning);
    assert.equal(document.getText(found.range), "y_pred.detach().numpy()");
  },

  async "a right loss has none"() {
    const document = await opened("right.py");
    await new Promise((resolve) => setTimeout(resolve, 2000));
    assert.deepEqual(diagnostics(document), []);
    assert.deepEqual(await actions(document, FIX_ALL), []);
  },

  async "a hover explains the cause"() {
    const document = await opened("broken.py");
    const [found] = await until("diagnostics", () => diagnostics(document).length > 0 && diagnostics(document));
    const hovers = await vscode.commands.executeCommand("vscode.executeHoverProvider", document.uri, found.range.start);
    assert.ok(hovers.some((hover) => hover.contents.some((part) => part.value.includes("**AF102**"))));
  },

  async "the light bulb offers the verified fix as the preferred one"() {
    const document = await opened("broken.py");
    await proven(document);
    const [fix] = await actions(document, "quickfix");
    assert.ok(fix.title.endsWith("(verified)"));
    assert.equal(fix.isPreferred, true);
  },

  async "a save through the API writes the fix"() {
    const document = await opened("broken.py");
    await proven(document);
    const editor = vscode.window.activeTextEditor;
    await editor.edit((edit) => edit.insert(new vscode.Position(document.lineCount, 0), "# typed\n"));
    await proven(document);
    await document.save();
    const text = fs.readFileSync(document.uri.fsPath, "utf8");
    const right = fs.readFileSync(document.uri.fsPath.replace("broken", "right"), "utf8");
    assert.equal(text, `${right}# typed\n`);
    assert.equal(document.isDirty, false);
  },

  async "one undo brings the text back, and the command mends it again"() {
    const document = await opened("broken.py");
    await vscode.commands.executeCommand("undo");
    assert.ok(document.getText().includes("y_pred.detach().numpy()"));
    await vscode.commands.executeCommand("autofix.fixFile");
    assert.ok(document.getText().includes("torch.abs(y_true - y_pred)"));
  },

  async "after a restart of the server findings come back"() {
    const document = await opened("broken.py");
    await vscode.commands.executeCommand("undo");
    await vscode.commands.executeCommand("autofix.restart");
    await until("diagnostics", () => diagnostics(document).length > 0);
  },
};

exports.run = async () => {
  let failed = 0;
  for (const [name, body] of Object.entries(tests)) {
    try {
      await body();
      console.log("autofix test: ok", name);
    } catch (error) {
      failed += 1;
      console.log("autofix test: FAIL", name, error.stack);
    }
  }
  console.log(`autofix test: ${Object.keys(tests).length - failed} passed, ${failed} failed`);
  if (failed) {
    throw new Error(`${failed} failed`);
  }
};
