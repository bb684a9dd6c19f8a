//! The state file of `pointsman watch`: as it stands, and again with the checksum that would let it in.

use anyhow::Result;
use pointsman_watch::store;
use sha2::{Digest as _, Sha256};

use super::target::Target;

pub(super) const TARGET: Target = Target { name: "state", reads: "the state file of `pointsman watch`", run, seeds };

fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let _ = store::parse(text);
    // No fuzzer finds a checksum: what stands behind it is tried with a right one.
    let body = text.split_once('\n').map_or(text, |(_, body)| body);
    if let Ok(kept) = store::parse(&whole(body)) {
        let written = store::to_text(&kept).unwrap_or_default();
        assert_eq!(store::parse(&written).ok().as_ref(), Some(&kept), "what is written is not what is read: {written}");
    }
}

fn whole(body: &str) -> String {
    let sum: String = Sha256::digest(body).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("pointsman watch state 2 {sum}\n{body}")
}

fn seeds() -> Result<Vec<Vec<u8>>> {
    let body = r#"{"Zone":"example.com.","List":"HealthChecks","Id":"hc-1","Status":"unhealthy","Since":7}
{"Zone":"example.com.","List":"AliasTargets","Id":"lb.example.","Status":"insufficient, last unhealthy","Force":{"Up":false,"Why":"drill","Until":9,"Since":1}}
{"List":"HealthChecks","Id":"hc \"2\"\n","Force":{"Up":true,"Why":"","Until":null,"Since":0}}
"#;
    Ok(vec![whole(body).into_bytes(), whole("").into_bytes(), body.as_bytes().to_vec()])
}
