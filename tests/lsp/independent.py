"""The server, asked by a client that is not ours, with what real editors say of themselves.

pytest-lsp reads every answer into the protocol's types and holds it against the capabilities of the
editor it plays; what does not fit fails the test. FRUGIX_SERVER is the program, FRUGIX_TREE a tree.
"""

import os
import pathlib

import pytest
import pytest_lsp
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities

TREE = pathlib.Path(os.environ["FRUGIX_TREE"])
EDITORS = ["visual-studio-code", "neovim", "emacs"]
SETTINGS = "hosts/shoshin/nixos/modules/common.nix"
CHROMIUM = "chromium.nix"
START = types.Position(line=0, character=0)


@pytest_lsp.fixture(
    params=EDITORS,
    config=ClientServerConfig(server_command=[os.environ["FRUGIX_SERVER"], "lsp"]),
)
async def client(request, lsp_client: LanguageClient):
    params = types.InitializeParams(
        capabilities=client_capabilities(request.param),
        root_uri=TREE.as_uri(),
        workspace_folders=[types.WorkspaceFolder(uri=TREE.as_uri(), name="tree")],
        initialization_options={"inlay-hints": True},
    )
    lsp_client.set_configuration({"frugix": {"inlay-hints": True}})
    lsp_client.feature(types.CLIENT_REGISTER_CAPABILITY)(lambda params: None)
    await lsp_client.initialize_session(params)
    yield
    await lsp_client.shutdown_session()


def open_document(client: LanguageClient, path: str) -> types.TextDocumentIdentifier:
    uri = (TREE / path).as_uri()
    item = types.TextDocumentItem(
        uri=uri, language_id="nix", version=1, text=(TREE / path).read_text()
    )
    client.text_document_did_open(types.DidOpenTextDocumentParams(text_document=item))
    return types.TextDocumentIdentifier(uri=uri)


async def findings(client: LanguageClient, document: types.TextDocumentIdentifier):
    capabilities = client.capabilities.text_document
    if capabilities is not None and capabilities.diagnostic is not None:
        params = types.DocumentDiagnosticParams(text_document=document)
        return (await client.text_document_diagnostic_async(params)).items
    while document.uri not in client.diagnostics:
        await client.wait_for_notification(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    return client.diagnostics[document.uri]


@pytest.mark.asyncio
async def test_findings_and_what_can_be_done(client: LanguageClient):
    document = open_document(client, CHROMIUM)
    found = await findings(client, document)
    assert "browser-source-build" in {item.code for item in found}
    item = next(item for item in found if item.code == "browser-source-build")
    params = types.CodeActionParams(
        text_document=document,
        range=item.range,
        context=types.CodeActionContext(diagnostics=[item]),
    )
    actions = await client.text_document_code_action_async(params)
    assert any(action.title.startswith("Ignore ") for action in actions)
    for action in actions:
        resolved = action
        if action.edit is None:
            resolved = await client.code_action_resolve_async(action)
        assert resolved.edit is not None, action.title


@pytest.mark.asyncio
async def test_what_is_shown(client: LanguageClient):
    document = open_document(client, SETTINGS)
    lines = (TREE / SETTINGS).read_text().splitlines()
    row = next(row for row, line in enumerate(lines) if "max-jobs" in line)
    position = types.Position(line=row, character=lines[row].index("maxJobs"))
    place = {"text_document": document, "position": position}
    hover = await client.text_document_hover_async(types.HoverParams(**place))
    assert "**4, an integer**" in hover.contents.value
    definitions = await client.text_document_definition_async(types.DefinitionParams(**place))
    assert [d.uri.rsplit("/", 1)[1] for d in definitions] == ["shoshin.nix"]
    end = types.Position(line=len(lines), character=0)
    hints = await client.text_document_inlay_hint_async(
        types.InlayHintParams(text_document=document, range=types.Range(START, end))
    )
    assert "= 4" in [hint.label for hint in hints]


@pytest.mark.asyncio
async def test_names_of_rules_are_completed(client: LanguageClient):
    document = open_document(client, "home.nix")
    text = "# frugix: ignore[\n"
    change = types.TextDocumentContentChangePartial(range=types.Range(START, START), text=text)
    identifier = types.VersionedTextDocumentIdentifier(uri=document.uri, version=2)
    client.text_document_did_change(
        types.DidChangeTextDocumentParams(text_document=identifier, content_changes=[change])
    )
    position = types.Position(line=0, character=len(text) - 1)
    items = await client.text_document_completion_async(
        types.CompletionParams(text_document=document, position=position)
    )
    assert "missing-timeout" in [item.label for item in items]
