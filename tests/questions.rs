//! The fixed questions are answered as they always were.

use anyhow::{Result, ensure};
use pointsman_tests::questions::{digest, keep, kept};

#[test]
fn a_hundred_thousand_fixed_questions_have_the_digest_that_is_kept() -> Result<()> {
    let digest = digest()?;
    if std::env::var_os("BLESS").is_some() {
        return keep(&digest);
    }
    ensure!(
        digest == kept()?,
        "some of the fixed questions are answered otherwise than before: {digest}; when that is meant, say which rule \
         changed in CHANGELOG.md, and keep the new digest with BLESS=1"
    );
    Ok(())
}
