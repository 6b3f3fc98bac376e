-- Drives the server from Neovim and writes what happened, as JSON, to $FRUGIX_REPORT.
-- Works from Neovim 0.7 on, which is sent findings and counts columns in UTF-16.
local server, report = vim.env.FRUGIX_SERVER, {}
local PATIENCE = 60000

-- The findings of one rule: other rules may have more to say of the file.
local function findings()
  return vim.tbl_filter(function(finding)
    return finding.code == "needless-override"
  end, vim.diagnostic.get(0))
end

local function found()
  return #findings()
end

local function wait_for(count)
  return vim.wait(PATIENCE, function() return found() == count end, 20)
end

local id = vim.lsp.start_client({
  name = "frugix",
  cmd = { server, "lsp" },
  root_dir = vim.fn.getcwd(),
})

local function ask(method, params)
  return vim.lsp.buf_request_sync(0, method, params, PATIENCE)[id].result
end

local function actions(line, column, only)
  local place = { line = line, character = column }
  return ask("textDocument/codeAction", {
    textDocument = vim.lsp.util.make_text_document_params(0),
    range = { start = place, ["end"] = place },
    context = { diagnostics = vim.lsp.diagnostic.get_line_diagnostics(0, line), only = only },
  })
end

local function apply(action)
  if not action.edit then
    action = ask("codeAction/resolve", action)
  end
  local client = vim.lsp.get_client_by_id(id)
  vim.lsp.util.apply_workspace_edit(action.edit, client.offset_encoding)
end

vim.cmd("edit flake.nix")
vim.lsp.buf_attach_client(0, id)
wait_for(2)
report.attached = found()
local first = findings()[1]
report.code = first.code
apply(actions(first.lnum, first.col)[1])
wait_for(1)
report.after_quick_fix = found()
apply(actions(0, 0, { "source.fixAll.frugix" })[1])
wait_for(0)
report.after_fix_all = found()
vim.cmd("silent write")
vim.lsp.stop_client(id)
report.stopped = vim.wait(PATIENCE, function() return vim.lsp.client_is_stopped(id) end, 20)
vim.fn.writefile({ vim.fn.json_encode(report) }, vim.env.FRUGIX_REPORT)
vim.cmd("qall!")
