// Which interpreter runs the proofs, and which command starts the server.

import * as fs from "fs";
import * as os from "os";
import * as path from "path";
import * as vscode from "vscode";

interface PythonApi {
  readonly environments: {
    getActiveEnvironmentPath(resource?: vscode.Uri): { path: string };
    resolveEnvironment(environment: { path: string }): Promise<{ executable: { uri?: vscode.Uri } } | undefined>;
    readonly onDidChangeActiveEnvironmentPath: vscode.Event<unknown>;
  };
}

async function pythonApi(): Promise<PythonApi | undefined> {
  const extension = vscode.extensions.getExtension<PythonApi>("ms-python.python");
  if (!extension) {
    return undefined;
  }
  return extension.isActive ? extension.exports : await extension.activate();
}

/** `${workspaceFolder}` and `~` expanded; a relative path is one of the workspace. */
export function expanded(text: string): string {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? os.homedir();
  const whole = text.replace("${workspaceFolder}", folder).replace(/^~(?=[/\\]|$)/, os.homedir());
  return /[/\\]/.test(whole) && !path.isAbsolute(whole) ? path.join(folder, whole) : whole;
}

/** The setting, else the interpreter of the Python extension, else nothing: then the server looks near each file. */
export async function interpreter(): Promise<string> {
  const setting = vscode.workspace.getConfiguration("autofix").get<string>("python", "");
  if (setting) {
    return expanded(setting);
  }
  const api = await pythonApi();
  if (!api) {
    return "";
  }
  const environment = await api.environments.resolveEnvironment(api.environments.getActiveEnvironmentPath());
  return environment?.executable.uri?.fsPath ?? "";
}

/** Calls `changed` when another interpreter is chosen in the Python extension. */
export async function onInterpreterChange(changed: () => void): Promise<vscode.Disposable> {
  const api = await pythonApi();
  return api ? api.environments.onDidChangeActiveEnvironmentPath(changed) : new vscode.Disposable(() => undefined);
}

/** The setting, else autofix beside the interpreter, else the one of the PATH. */
export function serverCommand(python: string): string[] {
  const setting = vscode.workspace.getConfiguration("autofix").get<string[]>("command", []);
  if (setting.length > 0) {
    return setting.map(expanded);
  }
  const beside = path.join(path.dirname(python), process.platform === "win32" ? "autofix.exe" : "autofix");
  return [python && fs.existsSync(beside) ? beside : "autofix", "lsp"];
}
