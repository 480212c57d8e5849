// What a person does in VS Code, from the first key to the file on disk.

import assert from "node:assert/strict";

import { Editor, fixture, until, PATIENCE } from "./editor.mjs";

const BROKEN = fixture("torch_mae_broken.py");
const MENDED = fixture("torch_mae_right.py");
const ENDLESS = BROKEN.replace("    diff =", "    while True:\n        pass\n    diff =");
const CELLS = BROKEN.split("\n\n\n");
const NOTEBOOK = JSON.stringify(
  {
    cells: CELLS.map((text) => ({
      cell_type: "code",
      execution_count: null,
      metadata: {},
      outputs: [],
      source: text.split(/(?<=\n)/),
    })),
    metadata: { kernelspec: { display_name: "Python 3", language: "python", name: "python3" } },
    nbformat: 4,
    nbformat_minor: 5,
  },
  null,
  1,
);

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Puts the cursor at the end of the editor and types. */
async function typeAtEnd(editor, text) {
  await editor.page.click(".editor-instance .view-lines");
  await editor.page.keyboard.press("Control+End");
  await editor.page.keyboard.type(text);
}

/** Waits until the background has proven the fix: the lamp then offers it. */
async function proven(editor) {
  await editor.squiggle();
  await pause(8000);
}

export const scenarios = {
  async "a save mends the file, one undo brings back the text"() {
    const editor = await Editor.open({ "demo.py": BROKEN });
    try {
      await editor.show("demo.py");
      await proven(editor);
      await editor.shot("squiggle");
      await typeAtEnd(editor, "# typed\n");
      await pause(3000);
      await editor.page.keyboard.press("Control+S");
      await editor.saved("demo.py", (text) => text === `${MENDED}# typed\n`);
      await editor.shot("saved");
      await editor.page.keyboard.press("Control+Z");
      await pause(500);
      await editor.page.keyboard.press("F1");
      await editor.page.keyboard.type("File: Save without Formatting");
      await editor.page.waitForSelector('.quick-input-list .monaco-list-row:has-text("Save without Formatting")');
      await editor.page.keyboard.press("Enter");
      await editor.saved("demo.py", (text) => text === `${BROKEN}# typed\n`);
    } finally {
      await editor.close();
    }
  },

  async "typing while a save is under way loses nothing"() {
    const editor = await Editor.open({ "demo.py": ENDLESS });
    try {
      await editor.show("demo.py");
      await editor.squiggle();
      await typeAtEnd(editor, "# one\n");
      await editor.page.keyboard.press("Control+S");
      await editor.page.keyboard.type("# two\n");
      await pause(3000);
      await editor.page.keyboard.press("Control+S");
      await editor.saved("demo.py", (text) => text === `${ENDLESS}# one\n# two\n`);
    } finally {
      await editor.close();
    }
  },

  async "the preview shows both texts side by side and writes nothing"() {
    const editor = await Editor.open({ "demo.py": BROKEN });
    try {
      await editor.show("demo.py");
      await editor.squiggle();
      await editor.page.click(".editor-instance .view-lines");
      await editor.run("Autofix: Preview Fixes Side by Side");
      await editor.page.waitForSelector(".monaco-diff-editor .modified .view-lines", { timeout: PATIENCE });
      await until("the mended line in the diff", async () => {
        const texts = await editor.page.locator(".monaco-diff-editor .modified .view-lines").allInnerTexts();
        return texts.join("").replace(/\u00a0/g, " ").includes("torch.abs(y_true - y_pred)");
      });
      await editor.shot("preview");
      assert.equal(editor.read("demo.py"), BROKEN);
    } finally {
      await editor.close();
    }
  },

  async "in restricted mode findings are shown and nothing is fixed"() {
    const editor = await Editor.open({ "demo.py": BROKEN }, { trusted: false });
    try {
      await editor.show("demo.py");
      await editor.squiggle();
      await pause(4000);
      await typeAtEnd(editor, "# typed\n");
      await editor.page.keyboard.press("Control+S");
      await editor.saved("demo.py", (text) => text === `${BROKEN}# typed\n`);
      await editor.shot("restricted");
    } finally {
      await editor.close();
    }
  },

  async "a save mends the cells of a notebook"() {
    const editor = await Editor.open({ "demo.ipynb": NOTEBOOK });
    try {
      await pause(6000); // too early, a notebook opens as JSON
      await editor.show("demo.ipynb");
      await editor.page.waitForSelector(".notebook-editor .cell", { timeout: PATIENCE });
      await proven(editor);
      await editor.shot("notebook");
      await editor.page.locator(".notebook-editor .cell .view-lines").first().click();
      await editor.page.keyboard.press("Control+End");
      await editor.page.keyboard.type("  # typed");
      await pause(4000);
      await editor.page.keyboard.press("Control+S");
      await editor.saved("demo.ipynb", (text) => text.includes("torch.abs(y_true - y_pred)"));
      const cells = JSON.parse(editor.read("demo.ipynb")).cells.map((cell) => cell.source.join(""));
      assert.equal(cells.length, CELLS.length);
      assert.ok(cells[0].endsWith("# typed"));
      assert.equal(cells[1], MENDED.split("\n\n\n")[1]);
      await editor.shot("notebook-saved");
    } finally {
      await editor.close();
    }
  },
};
