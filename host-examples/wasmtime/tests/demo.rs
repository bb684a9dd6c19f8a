//! The demo prints what the project's README shows.

use std::path::Path;
use std::process::Command;

#[test]
fn the_readme_shows_what_the_demo_prints() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let output = Command::new(env!("CARGO_BIN_EXE_outage"))
        .arg(root.join("target/wasm/pointsman.component.wasm"))
        .arg(root.join("host-examples/zones"))
        .output()
        .unwrap();
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "`cargo xtask wasm` builds the component: {stderr}");
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    assert!(readme.contains(&format!("```text\n{stdout}```\n")), "the README shows something else than\n{stdout}");
}
