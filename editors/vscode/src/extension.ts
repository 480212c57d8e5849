// Starts the server and ties commands, settings and trust to it.

import * as vscode from "vscode";

import { Server } from "./client";
import { onInterpreterChange } from "./interpreter";
import { Preview } from "./preview";
import { Status } from "./status";

interface Patched {
  uri: string;
  text: string;
}

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const output = vscode.window.createOutputChannel("autofix", { log: true });
  const status = new Status();
  const preview = new Preview();
  const server = new Server(output, status);
  const command = (name: string, action: () => unknown) => vscode.commands.registerCommand(name, action);
  context.subscriptions.push(
    output,
    status,
    preview,
    server,
    command("autofix.restart", () => server.restart()),
    command("autofix.showLog", () => output.show()),
    command("autofix.fixFile", () => fix(server, vscode.window.activeTextEditor?.document.uri)),
    command("autofix.fixNotebook", () => fix(server, vscode.window.activeNotebookEditor?.notebook.uri)),
    command("autofix.preview", () => showPreview(server, preview)),
    vscode.workspace.onDidGrantWorkspaceTrust(() => server.restart()),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("autofix")) {
        void server.restart();
      }
    }),
    await onInterpreterChange(() => void server.restart()),
  );
  await server.restart();
}

async function fix(server: Server, uri: vscode.Uri | undefined): Promise<boolean> {
  if (!uri) {
    return false;
  }
  const params = { command: "autofix.fix", arguments: [uri.toString()] };
  const changed = await server.ask<boolean>("workspace/executeCommand", params);
  if (!changed) {
    void vscode.window.showInformationMessage("autofix: no verified fixes in this file.");
  }
  return changed ?? false;
}

async function showPreview(server: Server, preview: Preview): Promise<void> {
  const document = vscode.window.activeTextEditor?.document;
  const patched = document && (await server.ask<Patched | null>("autofix/preview", { uri: document.uri.toString() }));
  if (document && patched) {
    await preview.show(document, patched.text);
  }
}
