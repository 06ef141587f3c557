//! Golden command sessions: `tests/cli/*.md` of the repository. `TRYCMD=overwrite cargo test -p netproof-cli --test cli`
//! updates them; then read what changed.

#[test]
fn sessions() {
    // Paths in the sessions are those of the repository's folder, as a reader would type them.
    std::env::set_current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).unwrap();
    // The version of the solver, or that there is none, is not ours.
    let certificate = netproof::Certificate::best().to_string();
    trycmd::TestCases::new()
        .insert_var("[CERTIFICATE]", certificate)
        .unwrap()
        .register_bin("netproof", std::path::PathBuf::from(env!("CARGO_BIN_EXE_netproof")))
        .case("tests/cli/*.md");
}
