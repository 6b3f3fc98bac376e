// Starts `frugix lsp` and hands it the settings that the user has made. Everything else is the server's.

import { commands, ConfigurationScope, ExtensionContext, Uri, window, workspace } from "vscode";
import { LanguageClient } from "vscode-languageclient/node";

const SECTION = "frugix";

let client: LanguageClient | undefined;
/** The keys of frugix.toml that are settings here. */
let keys: string[] = [];

export async function activate(context: ExtensionContext): Promise<void> {
  const { properties } = context.extension.packageJSON.contributes.configuration;
  const names = Object.keys(properties).map((name) => name.slice(SECTION.length + 1));
  keys = names.filter((name) => name !== "path");
  context.subscriptions.push(
    commands.registerCommand("frugix.restart", restart),
    workspace.onDidChangeConfiguration(async (change) => {
      if (change.affectsConfiguration(`${SECTION}.path`)) {
        await restart();
      }
    }),
  );
  await restart();
}

export async function deactivate(): Promise<void> {
  await client?.stop();
}

async function restart(): Promise<void> {
  await client?.stop().catch(() => undefined);
  const command = workspace.getConfiguration(SECTION).get<string>("path") || "frugix";
  client = new LanguageClient(
    SECTION,
    { command, args: ["lsp"] },
    {
      documentSelector: [
        { scheme: "file", language: "nix" },
        { scheme: "file", pattern: "**/{frugix,.frugix}.toml" },
      ],
      synchronize: { configurationSection: SECTION },
      initializationOptions: chosen(),
      middleware: {
        workspace: {
          configuration: ({ items }) =>
            items.map(({ section, scopeUri }) =>
              section === SECTION ? chosen(scopeUri ? Uri.parse(scopeUri) : undefined) : null,
            ),
        },
      },
    },
  );
  try {
    await client.start();
  } catch (error) {
    void window.showErrorMessage(
      `${command} does not start: ${String(error)}. Install frugix, or say where it is in the setting frugix.path.`,
    );
  }
}

/** What the user has set. What nobody has set is left to frugix.toml, so that no default overrides it. */
function chosen(scope?: ConfigurationScope): Record<string, unknown> {
  const settings = workspace.getConfiguration(SECTION, scope);
  const values: Record<string, unknown> = {};
  for (const key of keys) {
    const set = settings.inspect(key);
    const value = set?.workspaceFolderValue ?? set?.workspaceValue ?? set?.globalValue;
    if (value !== undefined) {
      values[key] = value;
    }
  }
  return values;
}
