//! For JavaScript: the package as `npm publish` would send it.

use anyhow::Result;

use super::archive::read;
use super::made::Dist;
use super::sbom::Parts;
use crate::js;
use crate::node::Node;
use crate::process;
use crate::toolchain::TARGET;

/// Packs what target/wasm/npm holds.
pub(crate) fn make(dist: &mut Dist) -> Result<()> {
    let scratch = dist.scratch("npm")?;
    let mut npm = Node::find()?.npm(&scratch);
    npm.args(["pack", "--silent", "--pack-destination"]).arg(&scratch).arg(js::folder());
    process::run(npm.stdout(std::process::Stdio::null()))?;
    let file = format!("pointsman-{}.tgz", dist.facts.version);
    dist.add(
        "JavaScript",
        &file,
        &read(&scratch.join(&file))?,
        &Parts::of(&["pointsman-js", "pointsman-verify-wasm"], TARGET),
    )
}
