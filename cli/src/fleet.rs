//! The options of a watch that takes part in a fleet.

use std::path::{Path, PathBuf};

use clap::Args;
use pointsman_core::health::{HealthyAbove, duration_ms};
use pointsman_watch::{EtcdTls, EtcdUser, FleetSettings};

use crate::exit::Stop;

/// How a watch takes part in a fleet.
#[derive(Debug, Args)]
#[command(next_help_heading = "Fleet")]
pub(crate) struct FleetOptions {
    /// Take part in a fleet of watches that decide together: the addresses of its etcd
    #[arg(long, value_name = "URL[,URL...]", value_delimiter = ',', requires_all = ["id", "location"], conflicts_with = "hold_when_flips")]
    fleet: Vec<String>,

    /// The fleet's name
    #[arg(long, value_name = "NAME", default_value = "default", value_parser = name)]
    fleet_name: String,

    /// Where this watch stands, such as eu-central-1
    #[arg(long, value_name = "NAME", value_parser = name)]
    location: Option<String>,

    /// Keep the zones that are published to the fleet in this folder, and watch those; -z is for zones that are not
    #[arg(long, value_name = "FOLDER", requires = "fleet")]
    pub(crate) fleet_zones: Option<PathBuf>,

    /// Who this watch is to etcd
    #[arg(long, value_name = "NAME", requires = "fleet_password_file")]
    fleet_user: Option<String>,

    /// A file with that user's password
    #[arg(long, value_name = "FILE", requires = "fleet_user")]
    fleet_password_file: Option<PathBuf>,

    /// A file with the authorities of etcd's certificates, in PEM; the system's by default
    #[arg(long, value_name = "FILE", requires = "fleet")]
    fleet_ca: Option<PathBuf>,

    /// This watch's certificate for etcd, in PEM
    #[arg(long, value_name = "FILE", requires = "fleet_key")]
    fleet_cert: Option<PathBuf>,

    /// The certificate's private key, in PEM
    #[arg(long, value_name = "FILE", requires = "fleet_cert")]
    fleet_key: Option<PathBuf>,

    /// What share or number of the probers has to be exceeded for a check to be healthy, if this is the fleet's first watch:
    /// 18%, 50%, 2 [default: 18%]
    #[arg(long, value_name = "SHARE|N", requires = "fleet")]
    healthy_above: Option<HealthyAbove>,

    /// How many probers decide, if this is the fleet's first watch [default: half of those seen within a day]
    #[arg(long, value_name = "N", requires = "fleet", value_parser = clap::value_parser!(u16).range(1..))]
    quorum: Option<u16>,

    /// Decide by this watch's own tries once no leader confirmed the report for so long: after=5m [default: never]
    #[arg(long, value_name = "after=TIME", requires = "fleet", value_parser = after)]
    alone: Option<u64>,
}

fn name(word: &str) -> Result<String, String> {
    match word.chars().count() {
        1..=64 if word.chars().all(|character| character.is_ascii_alphanumeric() || "-_.".contains(character)) => {
            Ok(word.into())
        }
        _ => Err("1 to 64 letters, digits, `-`, `_` and `.`".into()),
    }
}

fn after(word: &str) -> Result<u64, String> {
    word.strip_prefix("after=").and_then(duration_ms).filter(|ms| *ms > 0).ok_or_else(|| "such as after=5m".into())
}

impl FleetOptions {
    /// The settings; `None` for a watch of its own.
    pub(crate) fn settings(&self) -> Result<Option<FleetSettings>, Stop> {
        let Some(location) = self.location.clone().filter(|_| !self.fleet.is_empty()) else { return Ok(None) };
        let user = match self.fleet_user.clone().zip(self.fleet_password_file.as_deref()) {
            Some((name, file)) => Some(EtcdUser { name, password: password(file)? }),
            None => None,
        };
        Ok(Some(FleetSettings {
            endpoints: self.fleet.clone(),
            name: self.fleet_name.clone(),
            location,
            user,
            tls: EtcdTls {
                authorities: self.fleet_ca.clone(),
                own: self.fleet_cert.clone().zip(self.fleet_key.clone()),
            },
            healthy_above: self.healthy_above,
            quorum: self.quorum,
            alone_after_ms: self.alone,
        }))
    }
}

fn password(file: &Path) -> Result<String, Stop> {
    let read = std::fs::read_to_string(file);
    let text =
        read.map_err(|error| Stop::cannot(format!("cannot read the password `{}`: {error}", file.display()), ""))?;
    match text.trim_end_matches(['\r', '\n']) {
        "" => Err(Stop::cannot("the password is empty", "give the file that holds the user's password")),
        password => Ok(password.into()),
    }
}
