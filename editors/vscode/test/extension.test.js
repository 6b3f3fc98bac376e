// The built extension in an editor that is a stand-in, with the real language client and the real server, which
// is $FRUGIX_SERVER.
"use strict";

const assert = require("node:assert/strict");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { after, test } = require("node:test");
const { document, editor, load } = require("./editor.js");

const SERVER = process.env.FRUGIX_SERVER;
assert.ok(SERVER, "FRUGIX_SERVER says which frugix is to be started");
const MANIFEST = require("../package.json");
const BUILT = path.join(__dirname, "..", MANIFEST.main);
const TEXT = "{ pkgs, ... }:\n{\n  home.packages = [ (pkgs.fd.override { }) ];\n}\n";

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "frugix-"));
after(() => fs.rmSync(folder, { recursive: true }));
fs.writeFileSync(path.join(folder, "frugix.toml"), "");
const file = path.join(folder, "home.nix");
fs.writeFileSync(file, TEXT);

/** Activates the extension in an editor with these settings, in which the file is open. */
async function activated(t, settings) {
  const { module, heard, changed } = editor(settings, [document(file, TEXT, "nix")]);
  const extension = load(BUILT, module);
  const context = { extension: { packageJSON: MANIFEST }, subscriptions: [] };
  t.after(() => extension.deactivate());
  await extension.activate(context);
  return { heard, changed };
}

/** Waits until something holds. */
async function until(what, heard, holds) {
  for (const end = Date.now() + 30_000; Date.now() < end; ) {
    if (holds()) {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.fail(`${what} was waited for in vain; the log: ${heard.log.join("\n")}`);
}

const rules = (heard) => (heard.findings.get(file) ?? []).map(({ code }) => code?.value ?? code);

test("findings of an open file are shown", async (t) => {
  const { heard } = await activated(t, { "frugix.path": SERVER });
  await until("a finding", heard, () => rules(heard).includes("needless-override"));
  assert.deepEqual(heard.errors, []);
});

test("what the user has set is heeded, and again when it changes", async (t) => {
  const settings = { "frugix.path": SERVER, "frugix.ignore": ["needless-override"] };
  const { heard, changed } = await activated(t, settings);
  await until("an answer", heard, () => heard.findings.has(file));
  assert.deepEqual(rules(heard), []);
  delete settings["frugix.ignore"];
  await changed("frugix.ignore");
  await until("a finding", heard, () => rules(heard).includes("needless-override"));
});

test("a server that is not there is told of, and one that is named then is started", async (t) => {
  const settings = { "frugix.path": path.join(folder, "nothing") };
  const { heard, changed } = await activated(t, settings);
  const said = heard.errors.filter((message) => message.includes("frugix.path"));
  assert.equal(said.length, 1, String(heard.errors));
  settings["frugix.path"] = SERVER;
  await changed("frugix.path");
  await until("a finding", heard, () => rules(heard).includes("needless-override"));
});

test("the server can be started anew", async (t) => {
  const { heard } = await activated(t, { "frugix.path": SERVER });
  await until("a finding", heard, () => rules(heard).length > 0);
  assert.deepEqual([...heard.commands.keys()], MANIFEST.contributes.commands.map(({ command }) => command));
  heard.findings.clear();
  await heard.commands.get("frugix.restart")();
  await until("a finding again", heard, () => rules(heard).length > 0);
});
