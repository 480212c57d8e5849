// The server: started, restarted when something it depends on changes, and stopped; never two at a time.

import * as vscode from "vscode";
import { LanguageClient, LanguageClientOptions, ServerOptions, State } from "vscode-languageclient/node";

import { interpreter, serverCommand } from "./interpreter";
import { Status, Told } from "./status";

const DOCUMENTS = [
  { scheme: "file", language: "python" },
  { scheme: "untitled", language: "python" },
  { notebook: "jupyter-notebook", language: "python" },
  { notebook: "jupyter-notebook", language: "markdown" },
];

export class Server implements vscode.Disposable {
  private client: LanguageClient | undefined;
  private turn: Promise<void> = Promise.resolve();
  private waiting = false;

  constructor(
    private readonly output: vscode.LogOutputChannel,
    private readonly status: Status,
  ) {}

  /** Starts it anew; of several wishes that come while one is carried out, one is left. */
  restart(): Promise<void> {
    if (!this.waiting) {
      this.waiting = true;
      this.turn = this.turn.then(() => {
        this.waiting = false;
        return this.startAnew();
      });
    }
    return this.turn;
  }

  async ask<T>(method: string, params: object): Promise<T | undefined> {
    await this.turn;
    return this.client?.state === State.Running ? this.client.sendRequest<T>(method, params) : undefined;
  }

  async stop(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    if (client?.state === State.Running) {
      await client.stop(5000);
    }
    await client?.dispose();
  }

  dispose(): void {
    void this.stop();
  }

  private async startAnew(): Promise<void> {
    this.status.starting();
    try {
      await this.stop();
      // Beside an interpreter of a workspace lies a server of the workspace.
      const python = vscode.workspace.isTrusted ? await interpreter() : "";
      this.client = this.clientFor(python);
      await this.client.start();
      this.status.running(python);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.output.error(`the server could not be started: ${reason}`);
      this.status.failed(`${reason}; pip install 'autofix-gradients[lsp]', or set autofix.command`);
    }
  }

  private clientFor(python: string): LanguageClient {
    const [command, ...args] = serverCommand(python);
    const settings = vscode.workspace.getConfiguration("autofix");
    const server: ServerOptions = { command, args };
    const options: LanguageClientOptions = {
      documentSelector: DOCUMENTS,
      outputChannel: this.output,
      initializationOptions: {
        python,
        trusted: vscode.workspace.isTrusted,
        verify: settings.get("verify", true),
        saveBudget: settings.get("saveBudget", 1),
      },
      synchronize: { fileEvents: vscode.workspace.createFileSystemWatcher("**/pyproject.toml") },
    };
    this.output.info(`starting ${[command, ...args].join(" ")}`);
    const client = new LanguageClient("autofix", "autofix", server, options);
    client.onNotification("autofix/status", (told: Told) => this.status.tell(told));
    return client;
  }
}
