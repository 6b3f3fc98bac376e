// As much of VS Code as the extension and its language client touch: documents, settings, findings, commands.
// What they only subscribe to or register is taken and not heard of again.
"use strict";

const Module = require("node:module");
const { pathToFileURL, fileURLToPath } = require("node:url");

class Disposable {
  constructor(dispose = () => {}) {
    this.dispose = dispose;
  }
  static from(...all) {
    return new Disposable(() => all.forEach((one) => one.dispose()));
  }
}

class EventEmitter {
  constructor() {
    this.listeners = new Set();
    this.event = (listener, self) => {
      const bound = self ? listener.bind(self) : listener;
      this.listeners.add(bound);
      return new Disposable(() => this.listeners.delete(bound));
    };
  }
  fire(value) {
    return Promise.all([...this.listeners].map((listener) => listener(value)));
  }
  dispose() {
    this.listeners.clear();
  }
}

class CancellationTokenSource {
  constructor() {
    const emitter = new EventEmitter();
    this.token = { isCancellationRequested: false, onCancellationRequested: emitter.event };
    this.cancel = () => {
      this.token.isCancellationRequested = true;
      emitter.fire();
    };
    this.dispose = () => emitter.dispose();
  }
}

class Uri {
  constructor(href) {
    this.href = href;
    this.scheme = href.slice(0, href.indexOf(":"));
  }
  static parse(href) {
    return new Uri(href);
  }
  static file(path) {
    return new Uri(pathToFileURL(path).href);
  }
  get fsPath() {
    return fileURLToPath(this.href);
  }
  toString() {
    return this.href;
  }
}

class Position {
  constructor(line, character) {
    Object.assign(this, { line, character });
  }
}

class Range {
  constructor(...at) {
    const [start, end] = at.length === 4 ? [new Position(at[0], at[1]), new Position(at[2], at[3])] : at;
    Object.assign(this, { start, end });
  }
}

class Diagnostic {
  constructor(range, message, severity) {
    Object.assign(this, { range, message, severity });
  }
}

class CodeActionKind {
  constructor(value) {
    this.value = value;
  }
  append(part) {
    return new CodeActionKind(this.value ? `${this.value}.${part}` : part);
  }
}
CodeActionKind.Empty = new CodeActionKind("");
CodeActionKind.QuickFix = new CodeActionKind("quickfix");
CodeActionKind.Refactor = new CodeActionKind("refactor");
CodeActionKind.Source = new CodeActionKind("source");

/** Classes that are derived from or made, and whose content nobody here looks at. */
class Plain {
  constructor(...values) {
    this.values = values;
  }
}

/** A part of the editor: what is not given is a number of an enumeration, an event or something to register. */
function part(given) {
  return new Proxy(given, {
    get(target, name) {
      if (name in target || typeof name === "symbol" || name === "then") {
        return target[name];
      }
      if (/^(on[A-Z]|register|create|set)/.test(name)) {
        return () => new Proxy(new Disposable(), { get: (it, key) => it[key] ?? (() => new Disposable()) });
      }
      return undefined;
    },
  });
}

/** An editor with these settings and documents. `settings` may be changed; say so with `configured`. */
function editor(settings, documents) {
  const heard = { errors: [], log: [], commands: new Map(), findings: new Map() };
  const configuration = new EventEmitter();
  const section = (name, key) => settings[`${name}.${key}`];
  const log = part({ name: "frugix", append() {}, appendLine() {}, show() {}, dispose() {} });
  for (const level of ["trace", "debug", "info", "warn", "error", "clear", "hide", "replace"]) {
    log[level] = (...said) => heard.log.push([level, ...said].join(" "));
  }
  const vscode = {
    Disposable, EventEmitter, CancellationTokenSource, Uri, Position, Range, Diagnostic, CodeActionKind,
    version: "1.100.0",
    env: part({ appName: "a test", language: "en" }),
    commands: part({
      registerCommand(name, run) {
        heard.commands.set(name, run);
        return new Disposable(() => heard.commands.delete(name));
      },
    }),
    window: part({
      visibleTextEditors: documents.map((document) => ({ document })),
      activeTextEditor: { document: documents[0] },
      tabGroups: part({ all: [] }),
      createOutputChannel: () => log,
      showErrorMessage: async (message) => void heard.errors.push(message),
      showInformationMessage: async () => undefined,
      showWarningMessage: async () => undefined,
      withProgress: async (_, task) => task({ report() {} }, new CancellationTokenSource().token),
    }),
    workspace: part({
      textDocuments: documents,
      notebookDocuments: [],
      workspaceFolders: undefined,
      onDidChangeConfiguration: configuration.event,
      getConfiguration: (name) => ({
        get: (key) => section(name, key),
        inspect: (key) => ({ globalValue: section(name, key) }),
      }),
      fs: {},
    }),
    languages: part({
      match: (selector, { languageId, uri }) => {
        const fits = ({ language, scheme }) => language === languageId && scheme === uri.scheme;
        return selector.some(fits) ? 10 : 0;
      },
      createDiagnosticCollection: () => ({
        set: (uri, found) => void heard.findings.set(uri.fsPath, found),
        delete: (uri) => void heard.findings.delete(uri.fsPath),
        clear: () => heard.findings.clear(),
        forEach() {},
        has: (uri) => heard.findings.has(uri.fsPath),
        get: (uri) => heard.findings.get(uri.fsPath),
        dispose: () => heard.findings.clear(),
      }),
    }),
  };
  const numbers = new Proxy({}, { get: (_, name) => (name === "then" ? undefined : String(name)) });
  const module = new Proxy(vscode, {
    get(target, name) {
      if (name in target) {
        return target[name];
      }
      if (name === "__esModule") {
        return true;
      }
      return /(Kind|Severity|Tag|Type|Level|Location|Trigger|Reason|Behavior|Mode)$/.test(String(name)) ? numbers : Plain;
    },
  });
  const changed = (...keys) =>
    configuration.fire({ affectsConfiguration: (name) => keys.some((key) => key === name || key.startsWith(`${name}.`)) });
  return { module, heard, changed };
}

/** A document of an editor. */
function document(path, text, languageId) {
  return {
    uri: Uri.file(path),
    fileName: path,
    languageId,
    version: 1,
    isClosed: false,
    isDirty: false,
    getText: () => text,
  };
}

/** Loads a module anew, for which `vscode` is this. */
function load(path, vscode) {
  const real = Module._load;
  Module._load = function (name, ...rest) {
    return name === "vscode" ? vscode : real.call(this, name, ...rest);
  };
  try {
    delete require.cache[require.resolve(path)];
    return require(path);
  } finally {
    Module._load = real;
  }
}

module.exports = { document, editor, load };
