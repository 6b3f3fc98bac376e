{ lib, rustPlatform, installShellFiles }:

rustPlatform.buildRustPackage {
  pname = "frugix";
  version = (lib.importTOML ./Cargo.toml).package.version;

  src = lib.fileset.toSource {
    root = ./.;
    fileset = lib.fileset.unions [ ./Cargo.toml ./Cargo.lock ./benches ./src ./rules ];
  };
  cargoLock.lockFile = ./Cargo.lock;

  nativeBuildInputs = [ installShellFiles ];
  # The tests want the fixtures, and real editors and hooks; they run where changes are made.
  doCheck = false;

  postInstall = ''
    installShellCompletion --cmd frugix \
      --bash <($out/bin/frugix completions bash) \
      --fish <($out/bin/frugix completions fish) \
      --zsh <($out/bin/frugix completions zsh)
    $out/bin/frugix man > frugix.1
    installManPage frugix.1
  '';

  meta = {
    description = "A linter and rewriter for NixOS and home-manager configurations";
    homepage = "https://github.com/frugix/frugix";
    license = [ lib.licenses.mit lib.licenses.asl20 ];
    mainProgram = "frugix";
    timeout = 14400;
  };
}
