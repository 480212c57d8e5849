// VS Code in a browser: code-server with the packaged extension, and a headless Chromium that drives it.

import { spawn, execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

const HERE = path.dirname(fileURLToPath(import.meta.url));
export const ROOT = path.resolve(HERE, "../../..");
export const EXTENSION = path.resolve(HERE, "..");
const CODE_SERVER = path.join(process.env.AUTOFIX_VSCODE_CACHE, "node_modules/code-server/out/node/entry.js");
const PYTHON = process.env.AUTOFIX_PYTHON;
const SHOTS = process.env.AUTOFIX_SCREENSHOTS;
const PORT = Number(process.env.AUTOFIX_VSCODE_PORT ?? 18080);
export const PATIENCE = 60_000;

const SETTINGS = {
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "chat.disableAIFeatures": true,
  "extensions.ignoreRecommendations": true,
  "editor.quickSuggestions": { other: "off", comments: "off", strings: "off" },
  "editor.wordBasedSuggestions": "off",
  "editor.acceptSuggestionOnEnter": "off",
  "editor.autoClosingBrackets": "never",
  "editor.minimap.enabled": false,
  "files.hotExit": "off",
  "git.enabled": false,
  "security.workspace.trust.startupPrompt": "never",
  "security.workspace.trust.untrustedFiles": "open",
  "autofix.command": [PYTHON, "-m", "autofix", "lsp"],
  "autofix.python": PYTHON,
  "editor.codeActionsOnSave": { "source.fixAll.autofix": "explicit" },
  "notebook.codeActionsOnSave": { "notebook.source.fixAll.autofix": "explicit" },
};

export class Editor {
  constructor(folder, server, context, page) {
    Object.assign(this, { folder, server, context, page });
  }

  /** Starts code-server with the packaged extension and opens `files` as a workspace. */
  static async open(files, { trusted = true, settings = {}, extensionTests = "" } = {}) {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "autofix-vscode-"));
    const workspace = path.join(folder, "workspace");
    fs.mkdirSync(workspace);
    for (const [name, text] of Object.entries(files)) {
      fs.writeFileSync(path.join(workspace, name), text);
    }
    fs.mkdirSync(path.join(folder, "data/User"), { recursive: true });
    fs.writeFileSync(path.join(folder, "data/User/settings.json"), JSON.stringify({ ...SETTINGS, ...settings }));
    const own = ["--user-data-dir", path.join(folder, "data"), "--extensions-dir", path.join(folder, "extensions")];
    const environment = { ...process.env, XDG_CONFIG_HOME: path.join(folder, "xdg"), CUDA_VISIBLE_DEVICES: "-1" };
    if (!extensionTests) {
      const install = [CODE_SERVER, ...own, "--install-extension", path.join(EXTENSION, "autofix.vsix"), "--force"];
      execFileSync(process.execPath, install, { env: environment, stdio: "pipe" });
    }
    const flags = ["--auth", "none", "--bind-addr", `127.0.0.1:${PORT}`, "--disable-telemetry", "--disable-update-check"];
    flags.push("--disable-getting-started-override", "--reconnection-grace-time", "5");
    flags.push("--vscode-option", "enable-smoke-test-driver");
    if (trusted) {
      flags.push("--disable-workspace-trust");
    }
    const log = fs.openSync(path.join(folder, "server.log"), "w");
    const server = spawn(process.execPath, [CODE_SERVER, ...flags, ...own, workspace], {
      env: environment,
      stdio: ["ignore", log, log],
      detached: true,
    });
    await until("code-server", () => fetch(`http://127.0.0.1:${PORT}/healthz`).then((r) => r.ok, () => false));
    const context = await chromium.launchPersistentContext(path.join(folder, "browser"), {
      executablePath: process.env.AUTOFIX_CHROMIUM ?? "/usr/bin/chromium",
      headless: true,
      viewport: { width: 1280, height: 800 },
      args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
    });
    const page = context.pages()[0] ?? (await context.newPage());
    const editor = new Editor(folder, server, context, page);
    if (!extensionTests) {
      await page.goto(`http://127.0.0.1:${PORT}/?folder=${workspace}`);
      await page.waitForSelector(".explorer-folders-view", { timeout: PATIENCE });
    }
    return editor;
  }

  get workspace() {
    return path.join(this.folder, "workspace");
  }

  get address() {
    return `http://127.0.0.1:${PORT}`;
  }

  read(name) {
    return fs.readFileSync(path.join(this.workspace, name), "utf8");
  }

  /** Opens a file from the explorer. */
  async show(name) {
    await this.page.dblclick(`.explorer-folders-view .monaco-list-row[aria-label^="${name}"]`, { timeout: PATIENCE });
  }

  async squiggle() {
    await this.page.waitForSelector(".squiggly-warning", { timeout: PATIENCE });
  }

  /** Waits until the file on disk is as wanted, and fails with what it is instead. */
  async saved(name, wanted) {
    await until(`${name} on disk`, () => wanted(this.read(name)), () => this.read(name));
  }

  async run(command) {
    await this.page.keyboard.press("F1");
    await this.page.waitForSelector(".quick-input-widget:visible");
    await this.page.keyboard.type(command);
    await this.page.waitForSelector(`.quick-input-list .monaco-list-row:has-text("${command}")`, { timeout: PATIENCE });
    await this.page.keyboard.press("Enter");
  }

  async shot(name) {
    if (SHOTS) {
      fs.mkdirSync(SHOTS, { recursive: true });
      await this.page.screenshot({ path: path.join(SHOTS, `${name}.png`) });
    }
  }

  async close() {
    await this.context.close();
    try {
      process.kill(-this.server.pid, "SIGTERM");
    } catch {
      // it has ended by itself
    }
    await until("the end of code-server", () => fetch(`${this.address}/healthz`).then(() => false, () => true));
    fs.rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 500 });
  }
}

export async function until(what, look, instead = () => "") {
  const end = Date.now() + PATIENCE;
  while (!(await look())) {
    if (Date.now() > end) {
      throw new Error(`waited in vain for ${what} ${await instead()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

export function fixture(name) {
  return fs.readFileSync(path.join(ROOT, "fixtures", name), "utf8");
}
