// The text with every verified fix, side by side with the text as it is.

import * as vscode from "vscode";

const SCHEME = "autofix-preview";

export class Preview implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly texts = new Map<string, string>();
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  private readonly registration = vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);
  readonly onDidChange = this.changed.event;

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.toString()) ?? "";
  }

  async show(document: vscode.TextDocument, after: string): Promise<void> {
    if (after === document.getText()) {
      void vscode.window.showInformationMessage("autofix: no verified fixes in this file.");
      return;
    }
    const uri = document.uri.with({ scheme: SCHEME, query: document.uri.toString() });
    this.texts.set(uri.toString(), after);
    this.changed.fire(uri);
    const name = document.uri.path.split("/").pop() ?? "";
    await vscode.commands.executeCommand("vscode.diff", document.uri, uri, `${name}: verified fixes`, { preview: true });
  }

  dispose(): void {
    this.registration.dispose();
    this.changed.dispose();
  }
}
