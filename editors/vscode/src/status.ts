// The status item: which interpreter runs the proofs, and what they are at.

import * as vscode from "vscode";

export interface Told {
  uri: string;
  state: "proving" | "proven" | "unproven" | "off";
  message: string;
}

const SELECTOR: vscode.DocumentSelector = [{ language: "python" }];

export class Status implements vscode.Disposable {
  private readonly item = vscode.languages.createLanguageStatusItem("autofix", SELECTOR);
  private python = "";

  constructor() {
    this.item.name = "autofix";
    this.item.command = { command: "autofix.showLog", title: "Log" };
    this.starting();
  }

  starting(): void {
    this.show("autofix: starting", "", true);
  }

  running(python: string): void {
    this.python = python;
    this.show("autofix", this.where());
  }

  failed(reason: string): void {
    this.show("autofix: not running", reason, false, vscode.LanguageStatusSeverity.Error);
  }

  tell(told: Told): void {
    switch (told.state) {
      case "proving":
        return this.show("autofix: verifying", this.where(), true);
      case "proven":
        return this.show("autofix", this.where());
      case "unproven":
        return this.show("autofix: cannot verify", told.message, false, vscode.LanguageStatusSeverity.Warning);
      case "off":
        return this.show("autofix: findings only", told.message);
    }
  }

  dispose(): void {
    this.item.dispose();
  }

  private where(): string {
    return this.python ? `verifying with ${this.python}` : "verifying with the project's Python";
  }

  private show(text: string, detail: string, busy = false, severity = vscode.LanguageStatusSeverity.Information): void {
    this.item.text = text;
    this.item.detail = detail;
    this.item.busy = busy;
    this.item.severity = severity;
  }
}
