//! With Python: `pip install` of the wheel in a fresh environment, its types, and the module as a program.

use std::path::Path;

use anyhow::{Result, ensure};

use super::folder::{Folder, answers, prints};
use crate::dist::made::Dist;
use crate::dist::python::TOOLS;

/// Installs and asks. `slow`: once more from the sdist.
pub(super) fn uses(dist: &Dist, slow: bool) -> Result<()> {
    let version = &dist.facts.version;
    install_and_ask(&dist.path(&format!("pointsman-{version}-py3-none-any.whl")))?;
    if slow {
        install_and_ask(&dist.path(&format!("pointsman-{version}.tar.gz")))?;
    }
    Ok(())
}

fn install_and_ask(package: &Path) -> Result<()> {
    let folder = Folder::new("python")?;
    prints(folder.command("python3").args(["-m", "venv", "venv"]))?;
    let python = folder.0.join("venv/bin/python");
    prints(
        folder.command(&python).args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).arg(package),
    )?;

    answers(folder.command(&python).arg("use.py"))?;
    let zone = ["-z", "zone.json", "-H", "report.json"];
    for word in ["resolve", "odds", "explain"] {
        answers(folder.command(&python).args(["-m", "pointsman", word, "www.example.com", "A"]).args(zone))?;
    }
    prints(folder.command(&python).args(["-m", "pointsman", "check", "zone.json"]))?;
    let help = prints(folder.command(&python).args(["-c", "help('pointsman')"]))?;
    ensure!(
        help.contains("class Pointsman") && help.contains("which endpoint does this client get"),
        "help says:\n{help}"
    );

    // mypy stands in an environment of its own, and looks at the types of this one.
    let mut mypy = folder.command(TOOLS.python()?);
    mypy.args(["-m", "mypy", "--strict", "--no-incremental", "--python-executable"]).arg(&python);
    prints(mypy.arg("use.py"))?;
    Ok(())
}
